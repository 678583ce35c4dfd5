package org.secateur.harness.loop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.secateur.harness.loop.TimeAccount.Part;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Counts;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.training.Evaluation;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.IdleCorrection;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Proportion;

/**
 * The whole pipeline: dense and pruned train in alternating epochs of one process, the pruned one is reconfigured by
 * measured costs, and both are measured at the end. Continues where its run directory left off.
 */
public final class PruningRun {
    private static final double CONFIDENCE = 0.95;
    private static final Quantity NOT_TRAINED = Quantity.unavailable("no dense network was trained in this run");
    private static final String DENSE = "dense.safetensors";
    private static final String PRUNED = "pruned.safetensors";

    private final RunSettings settings;
    private final Dataset data;
    private final Dataset epochData;
    private final OnDemandCosts costs;
    private final StepMeter meter;
    private final RunDirectory directory;
    private final LayoutChoice layout;
    private final Trainers trainers;
    private final LongSupplier nanoTime;
    private final Consumer<String> progress;
    private final Optional<List<PlanRecord>> replay;
    private final Optional<ModelState> start;
    private final Optional<EnergyCounter> counter;

    /**
     * Prepares a run.
     *
     * @param layout how the trainers' layout was come to
     * @param replay plans to do again instead of planning, by epoch, of which there may be none; empty to plan
     * @param start numbers to begin with; fresh ones when empty
     * @param counter the device's energy, where it can be read for hours without losing any
     * @param progress gets a line for people now and then
     */
    public PruningRun(
            RunSettings settings,
            Dataset data,
            OnDemandCosts costs,
            StepMeter meter,
            RunDirectory directory,
            LayoutChoice layout,
            Trainers trainers,
            Optional<List<PlanRecord>> replay,
            Optional<ModelState> start,
            Optional<EnergyCounter> counter,
            LongSupplier nanoTime,
            Consumer<String> progress) {
        this.settings = settings;
        this.data = data;
        this.epochData = Trainers.firstTestImages(data, settings.epochTestImages());
        this.costs = costs;
        this.meter = meter;
        this.directory = directory;
        this.layout = layout;
        this.trainers = trainers;
        this.replay = replay.map(List::copyOf);
        this.start = start;
        this.counter = counter;
        this.nanoTime = nanoTime;
        this.progress = progress;
    }

    /** Runs to the end. */
    public RunResult run() {
        Network network = settings.network();
        if (directory.continued()) {
            progress.accept("continuing the run in " + directory.path());
        }
        try (Arms arms = open(network)) {
            arms.dense().filter(arm -> arm.epochs() == 0).ifPresent(arm -> arm.save(directory.file(DENSE)));
            Optional<Pruning> pruning = settings.pruning()
                    .map(p -> new Pruning(p, settings, data, costs, meter, trainers.engine(), nanoTime));
            arms.pruned().ifPresent(arm -> {
                if (arm.denseCost() == 0) {
                    pruning.ifPresent(p -> arm.energy().metered(() -> {
                        p.begin(arm, replay.orElse(List.of()), progress);
                        return arm;
                    }));
                    arm.save(directory.file(PRUNED));
                }
            });
            for (int epoch = 0; epoch < settings.training().epochs(); epoch++) {
                train(arms, pruning, epoch);
            }
            return finish(network, arms);
        }
    }

    private record Arms(Optional<Arm> dense, Optional<Arm> pruned) implements AutoCloseable {
        @Override
        public void close() {
            try {
                dense.ifPresent(Arm::close);
            } finally {
                pruned.ifPresent(Arm::close);
            }
        }
    }

    private Arms open(Network network) {
        Optional<Arm> dense = settings.dense() ? Optional.of(arm(DENSE, network)) : Optional.empty();
        try {
            return new Arms(dense, settings.pruning().map(p -> arm(PRUNED, network)));
        } catch (RuntimeException e) { // a GPU may not have room for both
            dense.ifPresent(Arm::close);
            throw e;
        }
    }

    private Arm arm(String file, Network network) {
        return Arm.open(
                directory.file(file),
                network,
                () -> start.orElseGet(() -> new Initializer(settings.training().seed()).initialize(network)),
                trainers::open,
                counter,
                layout.choosingSeconds(),
                progress);
    }

    /** One epoch of both arms, the first of them in turn, so that drift of the machine hits both. */
    private void train(Arms arms, Optional<Pruning> pruning, int epoch) {
        Runnable dense = () -> arms.dense().ifPresent(arm -> {
            if (arm.epochs() == epoch) {
                epoch(arm, epoch, "dense", DENSE);
            }
        });
        Runnable pruned = () -> arms.pruned().ifPresent(arm -> {
            if (arm.epochs() == epoch) {
                pruning.ifPresent(p -> {
                    while (reconfigured(p, arm)) {
                        arm.save(directory.file(PRUNED));
                    }
                });
                epoch(arm, epoch, "pruned", PRUNED);
            }
        });
        (epoch % 2 == 0 ? dense : pruned).run();
        (epoch % 2 == 0 ? pruned : dense).run();
    }

    /** Does the next reconfiguration that is left at an arm's epoch; false where none is. */
    private boolean reconfigured(Pruning pruning, Arm arm) {
        Optional<PlanRecord> recorded = replay.stream()
                .flatMap(List::stream)
                .filter(p -> p.epoch() == arm.epochs())
                .skip(arm.plans().stream()
                        .filter(p -> p.epoch() == arm.epochs())
                        .count())
                .findFirst();
        if (replay.isPresent() && recorded.isEmpty()) {
            return false;
        }
        return arm.energy()
                .metered(() -> pruning.reconfigure(arm, recorded, progress))
                .isPresent();
    }

    private void epoch(Arm arm, int epoch, String name, String file) {
        TrainingSettings training = settings.training();
        arm.epoch(
                Batches.training(data, training.batch(), training.seed(), epoch),
                Batches.test(epochData, training.batch()));
        arm.save(directory.file(file));
        EpochPoint point = arm.history().get(arm.history().size() - 1);
        progress.accept("epoch %d of %d, %s: loss %.3f, top-1 %.1f %%, step %.1f ms"
                .formatted(
                        epoch + 1,
                        training.epochs(),
                        name,
                        point.loss(),
                        100 * point.top1(),
                        1e3 * point.stepSeconds()));
    }

    private RunResult finish(Network network, Arms arms) {
        Batches test = Batches.test(data, settings.training().batch());
        Optional<Evaluation> denseTest = arms.dense().map(arm -> evaluate(arm, test));
        Optional<Evaluation> prunedTest = arms.pruned().map(arm -> evaluate(arm, test));
        if (arms.pruned().isEmpty()) {
            Arm arm = arms.dense().orElseThrow();
            Timing denseStep = meter.step(network, SamplerOptions.thorough());
            Timing latency = meter.latency(network, SamplerOptions.thorough());
            return RunResult.denseOnly(
                    settings, result(arm, network, denseTest.orElseThrow(), denseStep, latency), arm.history());
        }
        Arm pruned = arms.pruned().orElseThrow();
        Network small = pruned.trainer().network();
        SamplerOptions pairs = SamplerOptions.thorough().withPairs(settings.finalPairs(), 0.1);
        progress.accept("measuring dense and pruned against each other");
        PairedTiming steps = meter.compareSteps(network, small, pairs);
        PairedTiming latencies = meter.compareLatencies(network, small, pairs);
        ArmResult denseResult = arms.dense().isPresent()
                ? result(arms.dense().get(), network, denseTest.orElseThrow(), steps.baseline(), latencies.baseline())
                : untrained(network, steps.baseline(), latencies.baseline());
        ArmResult prunedResult =
                result(pruned, small, prunedTest.orElseThrow(), steps.candidate(), latencies.candidate());
        Comparison comparison = new Comparison(
                Quantity.derived(steps.comparison().ratio()),
                Quantity.derived(latencies.comparison().ratio()),
                denseTest
                        .map(d -> Quantity.derived(difference(d, prunedTest.orElseThrow())))
                        .orElse(NOT_TRAINED),
                steps.comparison().verdict());
        return new RunResult(
                settings,
                denseResult,
                Optional.of(prunedResult),
                Optional.of(comparison),
                arms.dense().map(Arm::history).orElse(List.of()),
                pruned.history(),
                pruned.plans());
    }

    private static Evaluation evaluate(Arm arm, Batches test) {
        Evaluation evaluation = arm.trainer().evaluate(test);
        arm.account().add(Part.EVALUATION, evaluation.seconds());
        return evaluation;
    }

    private static ArmResult result(Arm arm, Network network, Evaluation test, Timing step, Timing latency) {
        return new ArmResult(
                proportion(test.correct(), test.images()),
                network.classes() > 5
                        ? proportion(test.inFive(), test.images())
                        : Quantity.unavailable("there are only " + network.classes() + " classes"),
                step.seconds(),
                latency.seconds(),
                step.joules(),
                IdleCorrection.netJoules(step.energySamples(), step.after()),
                step.flags(),
                latency.flags(),
                Counts.of(network),
                Quantity.measured(Estimate.exact(arm.account().trainSeconds())),
                arm.energy().total(),
                arm.account().parts(),
                arm.widths());
    }

    /** The dense network where it is there to be compared with only. */
    private static ArmResult untrained(Network network, Timing step, Timing latency) {
        return new ArmResult(
                NOT_TRAINED,
                NOT_TRAINED,
                step.seconds(),
                latency.seconds(),
                step.joules(),
                IdleCorrection.netJoules(step.energySamples(), step.after()),
                step.flags(),
                latency.flags(),
                Counts.of(network),
                NOT_TRAINED,
                NOT_TRAINED,
                Map.of(),
                Surgery.widths(network, network));
    }

    private static Quantity proportion(int right, int images) {
        return Quantity.measured(Proportion.wilson(right, images, CONFIDENCE));
    }

    private static Estimate difference(Evaluation dense, Evaluation pruned) {
        BitSet onlyPruned = pruned.right();
        onlyPruned.andNot(dense.right());
        BitSet onlyDense = dense.right();
        onlyDense.andNot(pruned.right());
        return Proportion.pairedDifference(
                onlyPruned.cardinality(), onlyDense.cardinality(), dense.images(), CONFIDENCE);
    }

    /** The checkpoint of the network that a run is about: the pruned one, or the dense one where none is pruned. */
    public static Path finalCheckpoint(RunDirectory directory) {
        return directory.file(Files.exists(directory.file(PRUNED)) ? PRUNED : DENSE);
    }
}
