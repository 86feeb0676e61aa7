"""An RTSP server that shares no line with ours (GStreamer's), for tests: mounts, credentials and TLS come as JSON in argv[1].

{"mounts": {"/name": "launch line"}, "user": {"name": "...", "password": "...", "digest": true} | null, "tls": {"pem": "file"} | null}
Prints the port it listens on, and ends when stdin is closed.
"""
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

settings = json.loads(sys.argv[1])
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
mounts = server.get_mount_points()
user, tls = settings["user"], settings["tls"]
for path, launch in settings["mounts"].items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    if user or tls:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    mounts.add_factory(path, factory)
if user or tls:
    auth = GstRtspServer.RTSPAuth()
    if tls:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(tls["pem"]))
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if not user:
        auth.set_default_token(token)
    elif user["digest"]:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user["name"], user["password"], token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user["name"], user["password"]), token)
    server.set_auth(auth)
loop = GLib.MainLoop()
server.attach(None)
print(server.get_bound_port(), flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), GLib.idle_add(loop.quit)), daemon=True).start()
loop.run()
