"""The least that Django needs; `django-admin startproject` writes a fuller one."""

import os

SECRET_KEY = os.environ.get('SECRET_KEY', 'an example needs no secret')
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'mysite.urls'
WSGI_APPLICATION = 'mysite.wsgi.application'
