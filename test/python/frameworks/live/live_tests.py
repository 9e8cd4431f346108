import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from django.contrib.auth import get_user_model
from notes.models import Note
from pulsar_live_server import PulsarLiveServerTestCase


class AdminOnPulsar(PulsarLiveServerTestCase):
    def setUp(self):
        get_user_model().objects.create_superuser('ada', 'ada@example.com', 'a long password')
        Note.objects.create(title='made by the test', text='in its own database')
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def read(self, path, data=None):
        body = None if data is None else urllib.parse.urlencode(data).encode()
        with self.browser.open(self.live_server_url + path, body) as answer:
            return answer.read().decode()

    def test_the_change_list_shows_what_the_test_has_made(self):
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', self.read('/admin/login/')).group(1)
        page = self.read('/admin/login/?next=/admin/notes/note/', {
            'csrfmiddlewaretoken': token, 'username': 'ada', 'password': 'a long password',
        })
        self.assertIn('made by the test', page)
        self.assertIn('1 note', page)

    def test_what_a_client_posts_is_in_the_database_of_the_test(self):
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', self.read('/')).group(1)
        page = self.read('/', {'csrfmiddlewaretoken': token, 'title': 'from a client', 'text': ''})
        self.assertIn('from a client', page)
        self.assertEqual(Note.objects.filter(title='from a client').count(), 1)
