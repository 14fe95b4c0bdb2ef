"""The environment variables of the tests; loaded by pytest before Django reads its settings."""

import atexit
import os
import shutil
import tempfile

if "DATA_DIR" not in os.environ:  # workers have that of the process that started them
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="portal-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "only-the-tests-use-this-key-" + "x" * 32)
os.environ["STATIC_ROOT"] = os.path.join(
    os.environ["DATA_DIR"], "static"
)  # nobody collects them for the tests
os.environ["ENV_FILE"] = ""  # a real installation's settings may lie beside the tests
os.environ.setdefault("TLS_REDIRECT", "0")
os.environ.setdefault("DDD_TIMEOUT_SECONDS", "5")
os.environ.setdefault("DDD_QUIET_SECONDS", "0")
os.environ.setdefault("UNDO_SECONDS", "0")
os.environ.setdefault("DDD_PRIVATE_HOSTS", "*")  # the sandbox runs on this host
