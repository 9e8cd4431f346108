"""A view of Django's with a template, in one file: a table of 20 rows."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.template import loader
from django.urls import path

PAGE = """<!doctype html>
<title>{{ title }}</title>
<table>{% for row in rows %}
<tr class="{% cycle 'odd' 'even' %}"><td>{{ row.number }}</td><td>{{ row.name|upper }}</td><td>{{ row.price|floatformat:2 }}</td></tr>{% endfor %}
</table>
"""

settings.configure(
    SECRET_KEY='of a benchmark', ALLOWED_HOSTS=['*'], ROOT_URLCONF=__name__,
    MIDDLEWARE=['django.middleware.security.SecurityMiddleware', 'django.middleware.common.CommonMiddleware'],
    TEMPLATES=[{
        'BACKEND': 'django.template.backends.django.DjangoTemplates',
        'OPTIONS': {'loaders': [('django.template.loaders.cached.Loader', [('django.template.loaders.locmem.Loader', {'page': PAGE})])]},
    }],
)

ROWS = [{'number': number, 'name': 'article <%d>' % number, 'price': number * 1.25} for number in range(20)]


def table(request):
    return HttpResponse(loader.get_template('page').render({'title': 'Articles', 'rows': ROWS}))


urlpatterns = [path('', table)]
application = get_wsgi_application()
