# Sourced by deploy/run, deploy/danhmuc and deploy/test after they set $checkout.
# Finds a Python, has deploy/bootstrap/prepare.py install what is missing, and leaves
# $python, PYTHONPATH and DANHMUC_STATE ready. Everything it says goes to stderr.

is_usable() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    # Our own environment first: when it works, nothing else of the machine matters.
    for candidate in "$checkout/.venv/bin/python" python3 \
        python3.11 python3.12 python3.13 python3.14; do
        if is_usable "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

install_python() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    echo "danhmuc: installing Python (apt-get install python3) ..." >&2
    { apt-get update && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends python3 python3-venv; } >/dev/null 2>&1
}

if ! python=$(find_python); then
    if ! install_python || ! python=$(find_python); then
        found=$(python3 --version 2>/dev/null || echo "no python3 at all")
        echo "danhmuc: Python 3.11 or newer is needed, this machine has $found;" \
            "install it (Debian 12: apt-get install python3)." >&2
        exit 1
    fi
fi

export DANHMUC_STATE="${DANHMUC_STATE:-$checkout/var}"
export HOME="${HOME:-$DANHMUC_STATE}" # some service managers set none
unset PYTHONHOME PYTHONPATH
# shellcheck disable=SC2086 # $prepare_options is a list of words
"$python" "$checkout/deploy/bootstrap/prepare.py" ${prepare_options:-} || exit 1
python="$checkout/.venv/bin/python"
export PYTHONPATH="$checkout"
export PYTHONUTF8=1 # names and paths are UTF-8, whatever the terminal says it speaks
