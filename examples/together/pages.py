"""The site in Flask, which knows its neighbours by their addresses only."""
from flask import Flask, request

app = Flask(__name__)

NEIGHBOURS = ['notes-api/notes', 'short/rfc', 'convert/lengths?value=1&from=mi&to=km', 'edge/', 'status']


@app.get('/')
def index():
    links = ''.join(f'<li><a href="{request.root_url}{path}">{path}</a></li>' for path in NEIGHBOURS)
    return f'<!doctype html><title>Together</title><h1>Together</h1><ul>{links}</ul>'
