"""A guest book: entries in SQLite, names in the session, pictures, and everything as CSV. `pulsar-wsgi guestbook:app` serves it."""

import csv
import io
import os
import secrets
import sqlite3
from itertools import chain
from pathlib import Path

from flask import Flask, abort, flash, g, redirect, render_template, request, send_file, session, stream_with_context, url_for

DATA = Path(os.environ.get('GUESTBOOK_DATA', Path(__file__).parent / 'data'))
PICTURES = {'.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.webp': 'image/webp'}

app = Flask(__name__)
app.config['MAX_CONTENT_LENGTH'] = 5 * 1024 * 1024


def create_data():
    """Safe to call in every process: each finds what another has made."""
    DATA.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(DATA / 'guestbook.db') as database:
        database.execute('CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, name TEXT, text TEXT, picture TEXT)')
    key = DATA / 'secret-key'
    if not key.exists():
        mine = DATA / f'secret-key.{os.getpid()}'
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_hex(32))
        try:
            os.link(mine, key)
        except FileExistsError:
            pass  # another process was quicker: its key is everybody's
        mine.unlink()
    return os.environ.get('SECRET_KEY') or key.read_text()


app.secret_key = create_data()


def database():
    """A connection for this request."""
    if 'database' not in g:
        g.database = sqlite3.connect(DATA / 'guestbook.db', timeout=10)
        g.database.row_factory = sqlite3.Row
    return g.database


@app.teardown_appcontext
def close_database(error):
    if 'database' in g:
        g.database.close()


@app.get('/')
def entries():
    found = database().execute('SELECT * FROM entry ORDER BY id DESC LIMIT 50').fetchall()
    return render_template('entries.html', entries=found, name=session.get('name', ''))


@app.post('/')
def sign():
    name, text = request.form.get('name', '').strip(), request.form.get('text', '').strip()
    if not name or not text:
        flash('A name and a text, please.')
        return redirect(url_for('entries'))
    picture = request.files.get('picture')
    stored = store(picture) if picture is not None and picture.filename else None
    with database() as connection:
        connection.execute('INSERT INTO entry (name, text, picture) VALUES (?, ?, ?)', (name, text, stored))
    session['name'] = name
    flash(f'Thank you, {name}!')
    return redirect(url_for('entries'))


def store(picture):
    """Under a name of our own: that of the client is not to be trusted."""
    kind = Path(picture.filename).suffix.lower()
    if kind not in PICTURES:
        abort(415)
    name = secrets.token_hex(8) + kind
    picture.save(DATA / name)
    return name


@app.get('/pictures/<name>')
def picture(name):
    if database().execute('SELECT 1 FROM entry WHERE picture = ?', (name,)).fetchone() is None:
        abort(404)
    return send_file(DATA / name, mimetype=PICTURES[Path(name).suffix], conditional=True)


@app.get('/entries.csv')
def as_csv():
    """Line by line: the whole book never is in memory."""
    @stream_with_context
    def lines():
        line = io.StringIO()
        writer = csv.writer(line)
        for row in chain([('name', 'text')], database().execute('SELECT name, text FROM entry ORDER BY id')):
            writer.writerow(row)
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    return app.response_class(lines(), mimetype='text/csv')
