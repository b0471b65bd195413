#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A batch as a Slurm job array. Pack it: an array task costs a second or more to start, a unit some
# milliseconds, so use few tasks with many units each (tens of tasks, not one a capture).
#
#	sbatch --array=1-16 --cpus-per-task=2 slurm.sh MANIFEST FOLDER [batch options...]
#	sbatch --dependency=afterany:JOBID --wrap 'spbreplay merge -o FOLDER/merged FOLDER'
#
# batch takes its part from SLURM_ARRAY_TASK_ID and _COUNT. A task that is requeued or preempted
# goes on where it was.
#SBATCH --job-name=spbreplay
#SBATCH --requeue
#SBATCH --open-mode=append
set -eu
manifest=$1 folder=$2
shift 2
exec "${SPBREPLAY:-spbreplay}" batch -q -j "${SLURM_CPUS_PER_TASK:-1}" -o "$folder" "$@" "$manifest"
