#!/usr/bin/env bash
# Repeats the benchmarks of benchmarks.md, one by name, each from an empty store unless its name says warm:
#   docs/benchmarks.sh NAME CIFAR10_DIR OUT [SEED]
# Every result is a JSON document in OUT; what is there already is not run again. Nothing else may run meanwhile.
set -euo pipefail

name=${1:?a name: short, pruned, comparators, costs, predictions, table, threads, faults, memory, throughput, data, all}
data=cifar10:$(readlink -f "${2:?the directory of CIFAR-10}")
out=${3:?a directory for the results}
seed=${4:-1}
secateur=$(dirname "$(readlink -f "$0")")/../secateur
mkdir -p "$out"
cd "$out"

# once FILE COMMAND...: the command's JSON document in FILE.
once() {
    local file=$1
    shift
    [ -s "$file" ] && return
    printf '%s  %s\n' "$(date +%T)" "secateur $*" >&2
    "$secateur" "$@" --json >"$file.part"
    mv "$file.part" "$file"
}

# field FILE KEY...: one value of a document.
field() {
    python3 - "$@" <<'END'
import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2:]:
    value = value[int(key) if isinstance(value, list) else key]
print(value)
END
}

run=(--network resnet20 --data "$data" --seed "$seed")

# The README's two commands.
short() {
    time once quick.json run --quick --store quick.db
    time once run.json run --store run.db
}

# 1: pruned against dense, from an empty store.
pruned() {
    once "pruned-$seed.json" run "${run[@]}" --epochs 30 --budget train-step=0.6 --store "pruned-$seed.db"
}

# 1, beside it: what else one might have done with that time, or with that step.
comparators() {
    pruned
    once "warm-$seed.json" prune "${run[@]}" --epochs 30 --budget train-step=0.6 --store "pruned-$seed.db"
    once "published-$seed.json" prune "${run[@]}" --epochs 30 --budget none --rho 0.2 --store "published-$seed.db"
    once "steps-$seed.json" prune "${run[@]}" --epochs 30 --budget none --store "steps-$seed.db"
    once "scratch-$seed.json" train "${run[@]}" --epochs 30 --widths "$(field "pruned-$seed.json" files widths)" --store "scratch-$seed.db"
    local epochs
    epochs=$(python3 -c "print(round(30 * $(field "pruned-$seed.json" pruned trainSeconds value) / $(field "pruned-$seed.json" dense trainSeconds value)))")
    once "stopped-$seed.json" train "${run[@]}" --epochs "$epochs" --store "stopped-$seed.db"
    local fraction best layout
    layout=$(field "pruned-$seed.json" arithmetic layout)
    for fraction in 0.6 0.65 0.7 0.75 0.8; do
        once "uniform-$fraction.json" compare "resnet20@$layout" "resnet20@uniform:$fraction@$layout"
    done
    best=$(python3 - "$(field "pruned-$seed.json" comparison stepRatio value)" <<'END'
import json, sys
ratios = {f: json.load(open(f"uniform-{f}.json"))["ratio"]["value"] for f in ("0.6", "0.65", "0.7", "0.75", "0.8")}
print(min(ratios, key=lambda f: abs(ratios[f] - float(sys.argv[1]))))
END
    )
    once "uniform-$seed.json" train "${run[@]}" --epochs 30 --widths "uniform:$best" --store "uniform-$seed.db"
}

# 2: from one checkpoint and with one saliency budget, by seconds against by macs.
costs() {
    local network cost epochs layout
    for network in resnet20 vgg11; do
        epochs=8
        [ "$network" = resnet20 ] || epochs=3
        once "dense-$network-$seed.json" train --network "$network" --data "$data" --seed "$seed" --epochs "$epochs" \
            --store "costs-$seed.db"
        layout=$(field "dense-$network-$seed.json" arithmetic layout)
        for cost in seconds macs; do
            once "$cost-$network-$seed.json" prune --layout "$layout" --data "$data" --seed "$seed" --epochs 4 --interval 1 --budget none \
                --saliency-budget 0.05 --saliency-run-budget 0.15 --lambda 0 --cost "$cost" --measuring-share 2 --store "costs-$seed.db" \
                --from "$(field "dense-$network-$seed.json" files checkpoint)"
        done
        once "costs-$network-$seed.json" compare --pairs 80 \
            "$(field "macs-$network-$seed.json" files checkpoint)@$layout" \
            "$(field "seconds-$network-$seed.json" files checkpoint)@$layout"
    done
}

# 3: predicted against measured steps of random prunings.
predictions() {
    local network
    for network in resnet20 vgg11; do
        once "predictions-$network.json" predict --network "$network" --verify --prunings 20 --fit 4 \
            --seed "$seed" --store "predictions-$network.db"
    done
}

# OpenBLAS's threads beside OpenMP's: a network against itself, whose seconds are what is told.
threads() {
    local policy blas of round
    for round in 1 2 3; do
        for policy in ACTIVE PASSIVE; do
            for blas in 1 2; do
                for of in inference step; do
                    OMP_WAIT_POLICY=$policy OPENBLAS_NUM_THREADS=$blas \
                        once "threads-$policy-$blas-$of-$round.json" compare resnet8 resnet8 --of "$of" --pairs 6
                done
            done
        done
    done
}

# The table of a neighbourhood, its error and its share of the time that all of it would take; hours.
table() {
    once table.json profile --network resnet20 --batch 128 --neighbourhood --from 4 --held-out 450 --seed 1 --store table.db
}

# What malloc does with memory that is freed: the launcher's settings and glibc's own, in turn.
faults() {
    local layout round
    for layout in nchw nhwc; do
        for round in 1 2 3; do
            once "faults-kept-$layout-$round.json" compare "resnet20@$layout" "resnet20@$layout" --pairs 8
            MALLOC_ARENA_MAX=16 MALLOC_MMAP_MAX_=65536 MALLOC_TRIM_THRESHOLD_=131072 \
                once "faults-returned-$layout-$round.json" compare "resnet20@$layout" "resnet20@$layout" --pairs 8
        done
    done
}

# Memory of training, predicted and measured, and whether it grows.
memory() {
    once memory.json bench --memory
}

# Whole steps: against a plain loop over libtorch, and in the format that is chosen.
throughput() {
    once throughput.json bench --throughput
}

# Steps on real images against steps on one batch.
data() {
    once data.json bench --data "$data"
}

case $name in
    short | pruned | comparators | costs | predictions | table | threads | faults | memory | throughput | data) "$name" ;;
    all)
        short
        comparators
        costs
        predictions
        threads
        faults
        memory
        throughput
        data
        ;;
    *)
        echo "no benchmark is named $name" >&2
        exit 2
        ;;
esac
