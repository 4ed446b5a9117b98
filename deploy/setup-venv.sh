#!/bin/sh
# Make the virtual environment $1 with the first Python that fits, or say what is missing.
set -eu
venv=$1
here=$(dirname "$0")

python=
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    # Run, not looked up: pyenv has shims for Pythons that it has not installed.
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "No Python 3.11 or later found. Install one (Debian, Ubuntu: apt install python3) or" >&2
    echo "name one: make ... PYTHON=/path/to/python3.12" >&2
    exit 1
fi

# Debian and Ubuntu keep what a virtual environment needs in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$here/setup-packages.sh" "python$version-venv"
fi
"$python" -m venv --clear "$venv"
