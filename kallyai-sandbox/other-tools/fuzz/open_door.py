"""A door that is open to everybody: it hands requests on to the sandbox, signed in."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


class OpenDoor:
    """Listens on loopback as long as it is entered."""

    def __init__(self, base_url, token):
        class Handler(BaseHTTPRequestHandler):
            def hand_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {"Authorization": f"Bearer {token}"}
                if kind := self.headers.get("Content-Type"):
                    headers["Content-Type"] = kind
                answer = requests.request(
                    self.command, base_url + self.path, data=body, headers=headers, timeout=30, allow_redirects=False
                )
                self.send_response(answer.status_code)
                for name in ("Content-Type", "Allow"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = hand_on

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
