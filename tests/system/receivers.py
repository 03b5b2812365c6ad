"""Those who are told of alerts: a webhook's server and a mail server, which take or refuse as they are told to."""
import http.server
import socket
import threading
import time

from harness import free_port


class Hook:
    """A webhook's receiver that keeps what comes, and answers with the statuses it was given before 204."""

    def __init__(self, *statuses):
        self.port, self.got, answers = free_port(), [], list(statuses)
        got = self.got

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append((time.monotonic(), dict(self.headers), body))
                self.send_response(answers.pop(0) if answers else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Mailbox:
    """An SMTP server that keeps each mail as text, after it has refused as many recipients, or whole mails, as it was told to."""

    def __init__(self, refusals=0, unkept=0):
        self.port, self.mails, self.refusals, self.unkept, self.refused = free_port(), [], refusals, unkept, []
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.serve, daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rb") as lines:
                client.sendall(b"220 mail.test\r\n")
                envelope = []
                for line in lines:
                    envelope.append(line.decode().strip())
                    if line.upper().startswith(b"DATA"):
                        client.sendall(b"354 go on\r\n")
                        mail = []
                        for text in lines:
                            if text == b".\r\n":
                                break
                            mail.append(text.decode())
                        if len(self.refused) < self.unkept:
                            self.refused.append("".join(mail))
                            client.sendall(b"452 no room\r\n")
                        else:
                            self.mails.append((envelope, "".join(mail)))
                            client.sendall(b"250 kept\r\n")
                    elif line.upper().startswith(b"RCPT") and self.refusals > 0:
                        self.refusals -= 1
                        client.sendall(b"550 no such mailbox\r\n")
                    elif line.upper().startswith(b"QUIT"):
                        client.sendall(b"221 bye\r\n")
                        break
                    else:
                        client.sendall(b"250 ok\r\n")
