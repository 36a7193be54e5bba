#!/usr/bin/env bash
# Plants mistakes in a copy of the library, one at a time: with each of them a scene must fail.
#
# Last run: 2026-11-26, all eight were found; three minutes with what it builds first, half a minute
# afterwards, on two cores that also built something else.
set -euo pipefail
cd "$(dirname "$0")/../.."

copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp -P --parents -t "$copy"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/planted" CARGO_INCREMENTAL=0

missed=0

# What it is, the file, the text that is there, and the text in its place.
planted() {
  local what="$1" file="$copy/kallyai-sdk/src/auth/$2" before="$3" after="$4"
  cp "$file" "$copy/kept"
  BEFORE="$before" AFTER="$after" perl -0pi -e 's/\Q$ENV{BEFORE}\E/$ENV{AFTER}/ or die "it is not there\n"' "$file"
  if (cd "$copy" && cargo test --offline -q -p kallyai-interleavings --test renewal scenes) >"$copy/log" 2>&1; then
    echo "not found: $what" >&2
    missed=1
  elif ! grep -q '^Task failed\|^test result: FAILED' "$copy/log"; then
    cat "$copy/log" >&2
    exit 1
  else
    echo "found: $what, by" "$(sed -n "s/^thread 'auth::scenes::\([a-z_]*\)'.*/\1/p" "$copy/log" | sort -u | paste -sd, -)"
  fi
  cp "$copy/kept" "$file"
}

planted "a flight that nobody can join" stored.rs \
  '        *flight = Some(receiver.clone());' \
  '        let _ = &mut *flight;'
planted "a flight that ends before the token is there" stored.rs \
  '        match &outcome {
            Ok(current) =>' \
  '        *self.stored.flight() = None;
        match &outcome {
            Ok(current) =>'
planted "nobody looks once more before starting" stored.rs \
  '            && current.is_fresh(self.clock.now())
        {' \
  '            && current.is_fresh(self.clock.now()) && false
        {'
planted "those who wait are not told" stored.rs \
  '        self.sender.send_replace(Some(outcome.map_err(Arc::new)));' \
  '        std::mem::forget((self, outcome));'
planted "counted only when the thread runs" stored.rs \
  '            .spawn(move || {' \
  '            .spawn(move || {
                drop(under_way); let under_way = UnderWay::new();'
planted "the count falls before the tokens are stored" stored.rs \
  '                let outcome = renewal::renew' \
  '                drop(under_way); let under_way = ();
                let outcome = renewal::renew'
planted "the store is not read again under its lock" renewal.rs \
  '            let now = self.belonging(store.load()?)?;' \
  '            let now = before.clone();'
planted "a logout is overwritten" store/memory.rs \
  '            None => Replaced::LoggedOut,' \
  '            None => { *stored = Some(new.clone()); Replaced::Stored }'
exit "$missed"
