#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A batch in parts with GNU parallel: on this machine, or on others with --sshlogin (then the manifest,
# the captures and the folder must be at the same path everywhere).
# usage: parallel.sh MANIFEST FOLDER PARTS [batch options...]
#        PARALLEL="--sshlogin host1,host2" parallel.sh ...
set -eu
manifest=$1 folder=$2 parts=$3
shift 3
status=0
seq "$parts" | parallel --halt never --line-buffer --quote \
	"${SPBREPLAY:-spbreplay}" batch -q -j 1 --shard "{}/$parts" -o "$folder" "$@" "$manifest" ||
	status=$?
# The status of parallel is the number of parts that did not exit with 0; batch exits with 3 when
# captures failed, which merge tells in full.
[ "$status" = 0 ] || echo "parallel.sh: $status parts with failures" >&2
exec "${SPBREPLAY:-spbreplay}" merge -o "$folder/merged" "$folder"
