#!/usr/bin/env bash
# Installs what is missing, shows what it does, and is done at once when nothing is:
#   scripts/setup.sh         what playing needs
#   scripts/setup.sh test    what the tests need as well
#   scripts/setup.sh bench   what is measured beside
set -euo pipefail
cd "$(dirname "$0")/.."

want=${1:-run}
python=.venv/bin/python
stamp=.venv/.installed-$want

say() { printf '\033[1m%s\033[0m\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
have_library() { [[ "$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null)" == *"$1"* ]]; }
have_soundfont() {
    local file
    for file in /usr/share/sounds/sf2/FluidR3_GM.sf2 /usr/share/sounds/sf[23]/*.sf[23] /usr/share/soundfonts/*.sf[23] \
        /opt/homebrew/share/soundfonts/*.sf[23]; do
        [ -e "$file" ] && return 0
    done
    return 1
}

have_portmidi() { # under the name that Python looks for, which is the development package's
    local file
    for file in /usr/lib/*/libportmidi.so /usr/lib*/libportmidi.so; do
        [ -e "$file" ] && return 0
    done
    return 1
}

find_python() { # the first that is new enough; nothing where there is none
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if have "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

missing_packages() { # Debian's names of what is not there
    have pd && have pd-gui || echo puredata-core puredata-gui
    have_soundfont || echo fluid-soundfont-gm
    have_library libfluidsynth.so.3 || echo libfluidsynth3
    if [ ! -x "$python" ]; then
        local system
        system=$(find_python)
        system=${system:-python3}
        have "$system" || echo "$system"
        "$system" -c 'import ensurepip, venv' 2>/dev/null || echo "$system-venv"
    fi
    # Knobs and keys: python-rtmidi has no wheel for every Python, PortMidi serves as well.
    have_portmidi || echo libportmidi-dev
    if [ "$want" = test ]; then
        have xvfb-run || echo xvfb xauth
        have xdotool || echo xdotool
        have import || echo imagemagick
        have chromium || have chromium-browser || have google-chrome || echo chromium
    fi
}

by_hand() { # the same for people who must do it themselves
    say "Please install by hand, then run this again:"
    if [ "$(uname)" = Darwin ]; then
        echo "  brew install python                 (3.11 or newer)"
        echo "  brew install --cask pd              (Pure Data 0.53 or newer)"
        echo "  brew install fluid-synth            (plays SoundFonts)"
        echo "  FluidR3_GM.sf2 into /opt/homebrew/share/soundfonts, or name any SoundFont with --soundfont"
    elif have apt-get; then
        echo "  apt-get install --no-install-recommends $*      (as root)"
    else
        echo "  Python 3.11 or newer, Pure Data 0.53 or newer, FluidSynth's library (libfluidsynth 3), a General MIDI SoundFont such as FluidR3_GM"
        if [ "$want" = test ]; then echo "  Xvfb, xdotool, ImageMagick, Chromium"; fi
    fi
}

install_system_packages() {
    local packages
    read -r -a packages <<<"$(missing_packages | tr '\n' ' ')"
    [ "${#packages[@]}" -eq 0 ] && return
    local root=()
    if [ "$(id -u)" -ne 0 ]; then root=(sudo); fi
    if ! have apt-get || { [ "$(id -u)" -ne 0 ] && ! have sudo; }; then
        by_hand "${packages[*]}"
        # What the voices and tests of the window need can wait; without Pure Data or venv nothing goes.
        if have pd && [[ ! "${packages[*]}" =~ -venv ]]; then return; fi
        exit 1
    fi
    say "Installing ${packages[*]} (apt)"
    "${root[@]}" apt-get update -q
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}" ||
        { by_hand "${packages[*]}"; exit 1; }
}

requirements() { # of "run", "test", "bench" or "midi"; the list in pyproject.toml is the only one; what may be missing is noted
    "$python" - "$1" <<'PY'
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
more = project["optional-dependencies"]
if sys.argv[1] == "midi":
    print("\n".join(more["midi"]))
    sys.exit()
lines = project["dependencies"]
if sys.argv[1] == "test":
    lines = lines + more["test"] + more["train"] + more["docs"]
if sys.argv[1] == "bench":
    lines = lines + more["train"] + more["bench"]
print("\n".join(lines + [f"# and {line}" for line in more["midi"]]))
PY
}

install_python_packages() {
    if ! "$python" -c 'import pip' 2>/dev/null; then
        local system
        system=$(find_python)
        if [ -z "$system" ]; then
            say "Python 3.11 or newer is needed, and was not found."
            exit 1
        fi
        say "Making the virtual environment .venv"
        "$system" -m venv --clear .venv
    fi
    local wanted
    wanted=$(requirements "$want")
    if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
    say "Installing Python packages into .venv (pip)"
    "$python" -m pip install --disable-pip-version-check --prefer-binary -r <(printf '%s\n' "$wanted")
    # Knobs and keys at this machine: through PortMidi where this Python has no wheel, which is no error.
    "$python" -m pip install --disable-pip-version-check -q --only-binary :all: -r <(requirements midi) 2>/dev/null ||
        say "No python-rtmidi for this Python: knobs and keys go through PortMidi"
    requirements run >.venv/.installed-run # the tests need all of that, too
    printf '%s\n' "$wanted" >"$stamp"
}

compile_loops() { # once, and again when a loop has changed
    local compiled=.venv/.compiled
    if [ -e "$compiled" ] && [ -z "$(find models -name '*.py' -newer "$compiled" -print -quit)" ]; then return; fi
    say "Compiling the loops of drawing"
    "$python" -m models.compiling
    touch "$compiled"
}

install_system_packages
install_python_packages
compile_loops
