"""A head in the browser that speaks from the microphone or a file: `facerig live`.

One page of our own, served on this machine only (http and WebSocket, `server`): each page that is open has a
session (`speaker`) which it sends sound and wishes (`orders`, `inbox`) and which answers with frames. The
head is drawn by the page itself (`page/`, plain WebGL2) from a file that `head_file` packs. Who may ask for
anything is decided in `gate`, how much in `limits`.
"""
