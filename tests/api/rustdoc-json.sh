#!/bin/sh
# rustdoc with its JSON output, which needs leave on a stable toolchain; only rustdoc gets it, so nothing is built anew.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
