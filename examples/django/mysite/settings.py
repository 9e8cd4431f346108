import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get('NOTES_DATA', BASE_DIR / 'data'))
DATA.mkdir(parents=True, exist_ok=True)


def kept_key():
    """The same in every process, made by the first."""
    key = DATA / 'secret-key'
    if not key.exists():
        mine = DATA / f'secret-key.{os.getpid()}'
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_hex(32))
        try:
            os.link(mine, key)
        except FileExistsError:
            pass  # another process was quicker
        mine.unlink()
    return key.read_text()


SECRET_KEY = os.environ.get('SECRET_KEY') or kept_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get('ALLOWED_HOSTS', '127.0.0.1,localhost,[::1]').split(',')

INSTALLED_APPS = [
    'django.contrib.admin',
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.messages',
    'django.contrib.staticfiles',
    'notes',
]
MIDDLEWARE = [
    'django.middleware.security.SecurityMiddleware',
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
    'django.middleware.clickjacking.XFrameOptionsMiddleware',
]
ROOT_URLCONF = 'mysite.urls'
WSGI_APPLICATION = 'mysite.wsgi.application'
TEMPLATES = [{
    'BACKEND': 'django.template.backends.django.DjangoTemplates',
    'APP_DIRS': True,
    'OPTIONS': {'context_processors': [
        'django.template.context_processors.request',
        'django.contrib.auth.context_processors.auth',
        'django.contrib.messages.context_processors.messages',
    ]},
}]
DATABASES = {'default': {
    'ENGINE': 'django.db.backends.sqlite3',
    'NAME': os.environ.get('NOTES_DATABASE', DATA / 'notes.sqlite3'),
    'OPTIONS': {'timeout': 20},
    'TEST': {'NAME': DATA / 'test.sqlite3'},
}}
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
USE_TZ = True

STATIC_URL = '/static/'
STATIC_ROOT = DATA / 'static'
MEDIA_ROOT = DATA / 'files'
# Uploads above this go to a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
