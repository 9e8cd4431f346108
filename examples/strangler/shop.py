"""The shop as it was, in Flask: products, login, checkout. Its cart and its prices have moved to TypeScript (cart.ts, prices.ts)."""

import os

from flask import Flask, flash, get_flashed_messages, redirect, render_template_string, request, session, url_for

app = Flask(__name__)
app.secret_key = os.environ['SECRET_KEY']

PRODUCTS = {'tea': 'Tea', 'coffee': 'Coffee', 'milk': 'Milk'}
PAGE = '''<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Shop</title>
<h1>Shop</h1>
{% for message in messages %}<p role="status">{{ message }}</p>{% endfor %}
{% if user %}<p>Hello, {{ user }}.</p>
{% else %}<form method="post" action="{{ url_for('login') }}"><input name="user" required> <button>Log in</button></form>{% endif %}
<ul>{% for name, title in products.items() %}
  <li>{{ title }} <form method="post" action="/cart"><button name="product" value="{{ name }}">Into the cart</button></form></li>{% endfor %}
</ul>
<p><a href="/cart">{{ count }} in the cart</a></p>
<form method="post" action="{{ url_for('checkout') }}"><button>Check out</button></form>
</html>
'''


@app.get('/')
def products():
    count = sum(session.get('cart', {}).values())
    return render_template_string(PAGE, products=PRODUCTS, user=session.get('user'), count=count, messages=get_flashed_messages())


@app.post('/login')
def login():
    session['user'] = request.form['user']
    return redirect(url_for('products'))


@app.post('/checkout')
def checkout():
    """What is in the cart was put there by TypeScript."""
    cart = session.pop('cart', {})
    bought = ', '.join(f'{count} {PRODUCTS[name]}' for name, count in sorted(cart.items()))
    flash(f'Bought: {bought}.' if bought else 'The cart is empty.')
    return redirect(url_for('products'))
