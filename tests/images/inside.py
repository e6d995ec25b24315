"""Programs that tests run inside of an application's container, by its Python."""

CALL = """
import base64, http.client, json, sys

def call(method, params, session=""):
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=20)
    headers = {"Content-Type": "application/json", "Authorization": "Session " + session}
    body = json.dumps({"id": 0, "method": method, "params": params})
    connection.request("POST", "/durham_city/rpc/", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()

status, body = call("common.db.login", ["admin", {"password": sys.argv[1]}])
if '"result"' in body and len(sys.argv) > 2:
    user, token = json.loads(body)["result"][:2]
    session = base64.b64encode(f"admin:{user}:{token}".encode()).decode()
    status, body = call(sys.argv[2], [[], {}], session)
print(status, body)
"""
"""Log in with a password, call a method if one is given, and print status and answer."""

ASK = """
import sys, time, urllib.error, urllib.request

state = {"X-Haproxy-Server-State": sys.argv[1] + "; name=gateways/durham-dc"}
began = time.monotonic()
try:
    question = urllib.request.Request("http://127.0.0.1:8000/durham_city/ready", headers=state)
    status = urllib.request.urlopen(question).status
except urllib.error.HTTPError as error:
    status = error.code
print(status, time.monotonic() - began)
"""
"""Ask whether the tenant is ready as a relay does, and print status and seconds."""

WAKES = """
import re, sys
from pathlib import Path

services = (each for each in Path("/proc").glob("[0-9]*") if b"-m\\0tenant.serve" in (each / "cmdline").read_bytes())
told = [(task / "status").read_text() for task in (next(services) / "task").iterdir()]
print(sum(int(re.search(r"^voluntary_ctxt_switches:\\s+(\\d+)", each, re.MULTILINE)[1]) for each in told))
"""
"""Print how often the threads of the service have gone to sleep."""

MODELS = """
import json, os, sys

name = os.environ.pop("TRYTOND_DATABASE_NAMES")
if sys.argv[1:] == ["shared"]:
    from tenant import lean
from trytond.pool import Pool
from trytond.transaction import Transaction

def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(value)
    return [plain(each) for each in value] if isinstance(value, list | tuple) else str(value)

DEPENDS = "on_change", "on_change_with", "depends", "display_depends", "edition_depends", "validation_depends"
LIMITS = "readonly", "instantiate", "check_access", "fresh_session", "unique", "timeout", "size_limits"
pool = Pool(name)
pool.init()
with Transaction().start(name, 0, readonly=True):
    for model, cls in sorted(pool.iterobject()):
        print(model, json.dumps(plain(cls.fields_get()), sort_keys=True))
        for field in sorted(cls._fields):
            print(model, field, [plain(getattr(cls._fields[field], each)) for each in DEPENDS])
        for method, rpc in sorted(cls.__rpc__.items()):
            print(model, method, [plain(getattr(rpc, each)) for each in LIMITS], rpc.cache and rpc.cache.headers())
    views = pool.get("ir.ui.view").search([("model", "!=", None)])
    for view in views:
        shown = pool.get(view.model).fields_view_get(view.id, view.type)
        print(view.id, json.dumps(plain(shown), sort_keys=True))
"""
"""Print all fields, methods and views of the tenant's models, made with sharing or as trytond makes them."""
