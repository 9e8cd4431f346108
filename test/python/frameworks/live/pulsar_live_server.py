"""Django's live server test case with Pulsar as the server: a process of its own on the test's database."""

import os
import re
import subprocess
import sys

from django.db import connections
from django.test import LiveServerTestCase
from django.test.testcases import LiveServerThread


class PulsarThread(LiveServerThread):
    def run(self):
        environment = dict(os.environ, NOTES_DATABASE=str(connections['default'].settings_dict['NAME']))
        command = [os.environ['TEST_NODE'], os.environ['TEST_PULSAR'], '-c', os.environ['TEST_CONFIG'], '-b', '%s:0' % self.host]
        self.server = subprocess.Popen(command + ['--python', sys.executable], env=environment, stderr=subprocess.PIPE, text=True)
        log = ''
        for line in self.server.stderr:
            log += line
            served = re.search(r'serving on http://[^:]+:(\d+)', line)
            if served is not None:
                self.port = int(served.group(1))
                self.is_ready.set()
        if not self.is_ready.is_set():
            self.error = RuntimeError(log)
            self.is_ready.set()

    def terminate(self):
        self.server.terminate()
        self.server.wait()
        self.join()


class PulsarLiveServerTestCase(LiveServerTestCase):
    server_thread_class = PulsarThread
