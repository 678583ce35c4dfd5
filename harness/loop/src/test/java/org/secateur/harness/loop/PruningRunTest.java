package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.harness.loop.LayoutChoice.By;
import org.secateur.harness.loop.PlanRecord.Decision;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.harness.loop.TimeAccount.Part;
import org.secateur.harness.loop.TrainingSettings.ScheduleKind;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.data.ImageSet;
import org.secateur.models.core.data.Normalisation;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.pruning.Budget;
import org.secateur.models.core.training.Distillation;
import org.secateur.models.core.training.Recipe;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.models.libtorch.Workers;
import org.secateur.profilers.core.energy.CountedEnergy;
import org.secateur.profilers.core.energy.EnergyCounter;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.simulation.BoardModel;
import org.secateur.profilers.core.simulation.Disturbance;
import org.secateur.profilers.core.simulation.SimulatedBoard;
import org.secateur.profilers.core.simulation.SimulatedDevice;
import org.secateur.profilers.core.simulation.VirtualClock;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Verdict;

/**
 * Whole runs: training is real, measuring simulated, so that plans do not depend on how busy the machine is. The true
 * costs are large against a reconfiguration's, so that plans pay.
 */
@Tag("native")
@Timeout(120)
class PruningRunTest {
    private static final int BATCH = 16;
    private static final int EPOCHS = 4;
    private static final double SCALE = 1e3;

    @TempDir
    Path root;

    private final Dataset data = data();
    private final Network network = Bench.network("resnet8", 12);
    private final Staircase truth = new Staircase();
    private final List<Workload> measured = new ArrayList<>();
    private LayoutChoice layout = LayoutChoice.named(Layout.NCHW, By.OPTION);
    private Optional<Workers> others = Optional.empty();

    @Test
    void aRunReachesItsBudgetAndTellsHow() {
        RunResult result = run("whole", settings("train-step=0.7"), Optional.empty(), line -> {});
        ArmResult pruned = result.pruned().orElseThrow();
        // So short a run can pay for no row but dense's; those of its last plan are measured nevertheless, since
        // another try
        // would cost more.
        assertThat(result.plans()).extracting(PlanRecord::epoch).containsExactly(1, 2);
        assertThat(result.plans()).extracting(PlanRecord::decision).containsOnly(Decision.ACCEPTED);
        assertThat(result.plans()).extracting(PlanRecord::guessed).containsExactly(true, false);
        assertThat(measuredPerBudget(result.plans().get(1))).isLessThanOrEqualTo(1.025);
        assertThat(pruned.widths()).isNotEqualTo(result.dense().widths());
        pruned.widths()
                .forEach((group, width) -> assertThat(width)
                        .isLessThanOrEqualTo(result.dense().widths().get(group)));
        assertThat(result.comparison().orElseThrow().verdict()).isEqualTo(Verdict.FASTER);
        assertThat(result.comparison()
                        .orElseThrow()
                        .stepRatio()
                        .estimate()
                        .orElseThrow()
                        .value())
                .isBetween(0.5, 0.7 * 1.05);
        assertThat(pruned.trainSecondsParts())
                .hasEntrySatisfying(Part.STEPS, s -> assertThat(s).isPositive())
                .hasEntrySatisfying(Part.DATA, s -> assertThat(s).isPositive())
                .hasEntrySatisfying(Part.MEASURING, s -> assertThat(s).isPositive())
                .hasEntrySatisfying(Part.VERIFYING, s -> assertThat(s).isPositive())
                .hasEntrySatisfying(Part.EVALUATION, s -> assertThat(s).isPositive());
        assertThat(result.dense().trainSecondsParts())
                .hasEntrySatisfying(Part.STEPS, s -> assertThat(s).isPositive())
                .containsEntry(Part.MEASURING, 0.0);
        // Two readings around each epoch and, of the pruned one, around its beginning, around each reconfiguration and
        // around finding before each epoch that none is left.
        assertThat(result.dense().trainJoules()).isEqualTo(Quantity.measured(Estimate.exact(EPOCHS)));
        assertThat(pruned.trainJoules())
                .isEqualTo(Quantity.measured(
                        Estimate.exact(1 + 2 * EPOCHS + result.plans().size())));
        assertThat(result.prunedHistory()).extracting(EpochPoint::epoch).containsExactly(1, 2, 3, 4);
        assertThat(result.denseHistory()).hasSize(EPOCHS);
        assertThat(result.prunedHistory().getLast().widths()).isEqualTo(pruned.widths());
        Network dense = settings("train-step=0.7").network();
        assertThat(Surgery.widths(dense, weights("whole").network())).isEqualTo(pruned.widths());
    }

    /** What is guessed misses the budget, and one more try right after the scheduled ones meets it. */
    @Test
    void aRunThatMayMeasureNothingTriesAgain() {
        List<PlanRecord> plans = run("guessed", settings("train-step=0.7", 0), Optional.empty(), line -> {})
                .plans();
        assertThat(plans).extracting(PlanRecord::epoch).containsExactly(1, 2, 2);
        assertThat(plans).extracting(PlanRecord::decision).containsOnly(Decision.ACCEPTED);
        assertThat(plans).extracting(PlanRecord::guessed).containsOnly(true);
        assertThat(measuredPerBudget(plans.get(1))).isGreaterThan(1.025);
        assertThat(measuredPerBudget(plans.get(2))).isLessThanOrEqualTo(1.025);
    }

    @Test
    void replayedPlansGiveTheSameWeightsToTheBit() {
        RunResult first = run("first", settings("train-step=0.7"), Optional.empty(), line -> {});
        RunResult again = run("again", settings("train-step=0.7"), Optional.of(first.plans()), line -> {});
        assertThat(again.plans()).isEqualTo(first.plans());
        assertThat(weights("again").state()).isEqualTo(weights("first").state());
        assertThat(weights("again").network()).isEqualTo(weights("first").network());
        assertThat(again.pruned().orElseThrow().top1())
                .isEqualTo(first.pruned().orElseThrow().top1());
        assertThat(again.pruned().orElseThrow().trainSecondsParts())
                .hasEntrySatisfying(Part.MEASURING, s -> assertThat(s).isLessThan(1e-3))
                .containsEntry(Part.VERIFYING, 0.0);
    }

    @Test
    void aRunLeftAnywhereContinuesToTheSameWeights() {
        List<PlanRecord> plans = run("whole", settings("train-step=0.7"), Optional.empty(), line -> {})
                .plans();
        for (String moment : new String[] {
            "epoch 1 of 4, pruned", "reconfiguration after epoch 2", "epoch 3 of 4, dense", "measuring dense"
        }) {
            String name = moment.replaceAll("[ ,]", "");
            leave(name, Optional.of(plans), moment);
            assertThat(continuedToTheSameWeights(name, plans)).startsWith("continuing the run in");
        }
    }

    /** The newest file torn or with a wrong byte, of either network: the epoch that it held is trained again. */
    @Test
    void aRunWhoseNewestCheckpointIsDamagedContinuesFromTheOneBefore() throws IOException {
        List<PlanRecord> plans = run("whole", settings("train-step=0.7"), Optional.empty(), line -> {})
                .plans();
        Random random = new Random(5);
        for (String damaged : new String[] {"dense.safetensors", "pruned.safetensors"}) {
            String name = "damaged-" + damaged;
            leave(name, Optional.of(plans), "epoch 3 of 4, pruned");
            Path file = root.resolve(name).resolve(damaged);
            byte[] bytes = Files.readAllBytes(file);
            if (damaged.startsWith("dense")) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                bytes[random.nextInt(bytes.length)] ^= 4;
            }
            Files.write(file, bytes);
            assertThat(continuedToTheSameWeights(name, plans))
                    .contains(damaged + "): continuing from the one before it, after epoch 2\n");
        }
    }

    @Test
    void aRunWhoseTwoCheckpointsAreDamagedIsRefused() throws IOException {
        leave("both", Optional.empty(), "epoch 2 of 4, pruned");
        Path file = root.resolve("both").resolve("pruned.safetensors");
        Files.write(file, new byte[100]);
        Path before = Checkpoint.previous(file);
        Files.write(before, Arrays.copyOf(Files.readAllBytes(before), 1000));
        assertThatThrownBy(() -> run("both", settings("train-step=0.7"), Optional.empty(), line -> {}))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContaining("damaged")
                .hasMessageContaining("the one before it")
                .hasMessageContaining("pruned.safetensors")
                .hasMessageContaining("--fresh");
    }

    /** The first process plans, measures and evaluates; the other one follows it through surgery, with either network. */
    @Test
    void twoProcessesPruneTogetherAndGoOnWhenOneWasKilled() {
        layout = LayoutChoice.named(Layout.NHWC, By.OPTION);
        try (Workers workers = Workers.start(2, 1)) {
            others = Optional.of(workers);
            RunResult whole = run("whole", settings("train-step=0.7"), Optional.empty(), line -> {});
            assertThat(whole.plans()).extracting(PlanRecord::decision).containsOnly(Decision.ACCEPTED);
            assertThat(whole.pruned().orElseThrow().widths())
                    .isNotEqualTo(whole.dense().widths());
            assertThatThrownBy(() -> run("killed", settings("train-step=0.7"), Optional.of(whole.plans()), line -> {
                        if (line.startsWith("epoch 2 of 4, pruned")) {
                            ProcessHandle.of(workers.processIds().get(0))
                                    .orElseThrow()
                                    .destroyForcibly();
                        }
                    }))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("ended with exit code 137");
            try (Workers fresh = Workers.start(2, 1)) {
                others = Optional.of(fresh);
                assertThat(continuedToTheSameWeights("killed", whole.plans()))
                        .contains("continuing the run in")
                        .doesNotContain("epoch 1 of 4");
            }
        }
    }

    /** With its channels last a run measures rows of its own, and pays for having found out that it should. */
    @Test
    void aRunInAnotherLayoutRestsOnRowsInThatLayout() {
        run("first", settings("train-step=0.7"), Optional.empty(), line -> {});
        assertThat(measured).isNotEmpty().allMatch(w -> w.layout() == Layout.NCHW);
        measured.clear();
        layout = new LayoutChoice(Layout.NHWC, By.MEASURED, new Estimate(0.75, 0.7, 0.8, 0.95, 6), 2.5);
        RunResult result = run("last", settings("train-step=0.7"), Optional.empty(), line -> {});
        assertThat(measured).isNotEmpty().allMatch(w -> w.layout() == Layout.NHWC);
        assertThat(result.plans()).isNotEmpty().extracting(PlanRecord::layout).containsOnly(Layout.NHWC);
        assertThat(result.dense().trainSecondsParts()).containsEntry(Part.CHOOSING, 2.5);
        assertThat(result.pruned().orElseThrow().trainSecondsParts()).containsEntry(Part.CHOOSING, 2.5);
    }

    @Test
    void aTaughtRunContinuesToTheSameWeightsToo() {
        RunSettings settings = taught(settings("train-step=0.7"));
        RunResult whole = run("whole", settings, Optional.empty(), line -> {});
        for (ArmResult arm : List.of(whole.dense(), whole.pruned().orElseThrow())) {
            assertThat(arm.trainSecondsParts())
                    .hasEntrySatisfying(Part.TEACHER, s -> assertThat(s).isPositive());
        }
        assertThatThrownBy(() -> run("left", settings, Optional.of(whole.plans()), line -> {
                    if (line.startsWith("epoch 2 of 4, pruned")) {
                        throw new IllegalStateException("left at " + line);
                    }
                }))
                .hasMessageContaining("left at");
        run("left", settings, Optional.of(whole.plans()), line -> {});
        assertThat(weights("left").state()).isEqualTo(weights("whole").state());
        assertThat(dense("left").state()).isEqualTo(dense("whole").state());
    }

    /** Begins a run and leaves it at the first line that begins so. */
    private void leave(String name, Optional<List<PlanRecord>> plans, String moment) {
        assertThatThrownBy(() -> run(name, settings("train-step=0.7"), plans, line -> {
                    if (line.startsWith(moment)) {
                        throw new IllegalStateException("left at " + line);
                    }
                }))
                .hasMessageContaining("left at " + moment);
    }

    /** Continues a run that was left to what the run named whole became; the lines that it told. */
    private String continuedToTheSameWeights(String name, List<PlanRecord> plans) {
        StringBuilder told = new StringBuilder();
        RunResult continued = run(
                name,
                settings("train-step=0.7"),
                Optional.of(plans),
                line -> told.append(line).append('\n'));
        assertThat(continued.plans()).isEqualTo(plans);
        assertThat(continued.prunedHistory()).hasSize(EPOCHS);
        assertThat(weights(name).state()).as(name).isEqualTo(weights("whole").state());
        assertThat(dense(name).state()).as(name).isEqualTo(dense("whole").state());
        return told.toString();
    }

    /** The second epoch's joules are not those of the training. */
    @Test
    void joulesOfAPartAreNotToldAsThoseOfTheWhole() {
        RunSettings training = new RunSettings(
                network,
                new TrainingSettings(2, BATCH, 0.05, 0.9, 5e-4, ScheduleKind.ONE_CYCLE, 3),
                Optional.empty(),
                true,
                1,
                16,
                6);
        ToDoubleFunction<Network> step = n -> truth.step(n, BATCH) * SCALE;
        Consumer<String> leaving = line -> {
            if (line.startsWith("epoch 1 of 2")) {
                throw new IllegalStateException("left at " + line);
            }
        };
        assertThatThrownBy(() -> run(
                        "part", training, Optional.empty(), leaving, SCALE, step, Optional.empty(), Optional.empty()))
                .hasMessageContaining("left at");
        RunResult continued =
                run("part", training, Optional.empty(), line -> {}, SCALE, step, Optional.empty(), ticking());
        assertThat(continued.denseHistory()).hasSize(2);
        assertThat(continued.dense().trainJoules()).isInstanceOf(Quantity.Missing.class);
    }

    /** A plan that was carried out, measured slower and taken back leaves no trace in the weights. */
    @Test
    void aRevertedPlanReplaysAsNothing() {
        RunResult reverted = run(
                "reverted",
                settings("train-step=0.7"),
                Optional.empty(),
                line -> {},
                n -> n.equals(network) ? truth.step(network, BATCH) * SCALE : 2 * truth.step(network, BATCH) * SCALE,
                Optional.empty());
        assertThat(reverted.plans()).extracting(PlanRecord::decision).containsOnly(Decision.REVERTED);
        assertThat(reverted.pruned().orElseThrow().widths())
                .isEqualTo(reverted.dense().widths());
        run("replayed", settings("train-step=0.7"), Optional.of(reverted.plans()), line -> {});
        assertThat(weights("replayed").state()).isEqualTo(weights("reverted").state());
    }

    /** Whole networks that save less than their rows say correct the plans to come. */
    @Test
    void stepsDearerThanTheirRowsCorrectLaterPlans() {
        RunResult result = run(
                "dearer",
                settings("train-step=0.7", 1000),
                Optional.empty(),
                line -> {},
                n -> (n.equals(network) ? 1 : 1.01) * truth.step(n, BATCH) * SCALE,
                Optional.empty());
        assertThat(result.plans()).extracting(PlanRecord::decision).containsOnly(Decision.ACCEPTED);
        PlanRecord first = result.plans().get(0);
        assertThat(first.correction()).isEqualTo(1);
        double dense = first.costBefore();
        double measured = 1 - Objects.requireNonNull(first.costMeasured()) / dense;
        double byRows = 1 - (1 - measured) / 1.01;
        double share = (0.3 + 3 * byRows * measured) / (0.3 + 3 * byRows * byRows);
        assertThat(share).isLessThan(0.99);
        PlanRecord second = result.plans().get(1);
        assertThat(second.correction()).isCloseTo(share, within(2e-4));
        assertThat(second.costBefore()).isCloseTo(dense * (1 - share * byRows), withinPercentage(0.02));
    }

    /** Rows that promise far too much are not believed against the pairs that verified the last plan. */
    @Test
    void aBudgetThatRowsMissIsTriedAgain() {
        double dense = truth.step(network, BATCH);
        RunResult result = run(
                "missed",
                settings("train-step=0.7", 1000),
                Optional.empty(),
                line -> {},
                n -> (truth.step(n, BATCH) > 0.8 * dense ? 1 : 1.08) * truth.step(n, BATCH) * SCALE,
                Optional.empty());
        List<PlanRecord> plans = result.plans();
        PlanRecord last = plans.get(plans.size() - 1);
        assertThat(plans)
                .hasSizeGreaterThan(2)
                .last()
                .extracting(PlanRecord::epoch)
                .isEqualTo(EPOCHS / 2);
        assertThat(plans.get(1).correction()).isCloseTo(1, within(2e-4));
        double first = 1 - Objects.requireNonNull(plans.get(0).costMeasured()) / (dense * SCALE);
        double second = 1 - Objects.requireNonNull(plans.get(1).costMeasured()) / (dense * SCALE);
        double byRows = 1 - (1 - second) / 1.08;
        double share =
                (0.3 + 3 * first * first + 7 * byRows * second) / (0.3 + 3 * first * first + 7 * byRows * byRows);
        assertThat(share).isLessThan(0.95);
        assertThat(plans.get(2).correction()).isCloseTo(share, within(2e-4));
        assertThat(Objects.requireNonNull(last.costMeasured())).isLessThan(1.025 * 0.7 * dense * SCALE);
    }

    /** Smaller networks draw less power here: a step of three quarters of the time takes 0.6 of the joules. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void joulesOfWholeStepsArePlannedByWhereACounterTellsThem(boolean absolute) {
        double denseSeconds = SCALE * truth.step(network, BATCH);
        ToDoubleFunction<Network> seconds = n -> SCALE * truth.step(n, BATCH);
        ToDoubleFunction<Network> watts = n -> 200 * seconds.applyAsDouble(n) / denseSeconds;
        ToDoubleFunction<Network> joules =
                n -> (BoardModel.PLAIN.idleWatts() + watts.applyAsDouble(n)) * seconds.applyAsDouble(n);
        double dense = joules.applyAsDouble(network);
        String budget = absolute ? String.format(Locale.ROOT, "energy=%.9fJ", 0.6 * dense) : "energy=0.6";
        RunSettings settings = settings(budget, 1e6);
        RunResult result = metered("metered", settings, seconds, watts);

        assertThat(result.plans()).extracting(PlanRecord::unit).containsOnly("joules");
        assertThat(result.plans()).extracting(PlanRecord::guessed).containsOnly(false);
        assertThat(result.plans().getFirst().costBefore()).isCloseTo(dense, withinPercentage(1));
        Network pruned = weights("metered").network();
        assertThat(result.plans().getLast().costMeasured())
                .isCloseTo(joules.applyAsDouble(pruned), withinPercentage(2));
        assertThat(joules.applyAsDouble(pruned)).isBetween(0.4 * dense, 1.05 * 0.6 * dense);
        // More is saved than the seconds of rows say, and the second plan knows.
        assertThat(result.plans().getFirst().correction()).isEqualTo(1);
        assertThat(result.plans().getLast().correction()).isGreaterThan(1.1);
        assertThat(result.dense().energyJoules().estimate().orElseThrow().value())
                .isCloseTo(dense, withinPercentage(1));
    }

    /** What whole steps drew does not tell what inferences draw. */
    @Test
    void thereAreNoJoulesOfInferencesToPlanBy() {
        PruningSettings d = PruningSettings.toward(Budget.parse("energy=0.6"));
        PruningSettings latency = new PruningSettings(
                d.budget(),
                d.cost(),
                Objective.LATENCY,
                d.stepWeight(),
                d.saliencyBudget(),
                d.saliencyRunBudget(),
                d.rho(),
                d.lambda(),
                d.interval(),
                d.reconfigurations(),
                d.measuringShare());
        assertThatThrownBy(() -> metered("inferences", settings(network, latency), n -> 0.01, n -> 100))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("there are no joules to plan by");
    }

    /** A run on a device with a counter, whose steps take and draw so much. */
    private RunResult metered(
            String name, RunSettings settings, ToDoubleFunction<Network> seconds, ToDoubleFunction<Network> watts) {
        SimulatedBoard board = new SimulatedBoard(BoardModel.PLAIN, new VirtualClock(), 1);
        SimulatedDevice device =
                new SimulatedDevice(w -> SCALE * truth.applyAsDouble(w), w -> 0, Disturbance.NONE, board, 1);
        OnDemandCosts costs = new OnDemandCosts(
                device,
                CostTable.of("SIMULATED", device.fingerprint(), List.of()),
                device.surroundings(),
                Optional.empty(),
                1,
                (row, how) -> {});
        StepMeter meter = new StepMeter(
                device,
                device.surroundings(),
                new CountedEnergy(device, EnergyOptions.quick(), board.hostTime(), 1),
                n -> device.kernel(seconds.applyAsDouble(n), watts.applyAsDouble(n)),
                n -> device.kernel(seconds.applyAsDouble(n) / 3, watts.applyAsDouble(n)),
                1);
        return run(
                name, settings, Optional.empty(), line -> {}, costs, meter, device, Optional.empty(), Optional.empty());
    }

    /** With everything emptied, the published rule keeps a channel where nothing could replace it. */
    @Test
    void everyGroupMayBeEmpty() {
        RunResult result = published("emptied", network, CostKind.SECONDS, Objective.STEP);
        Map<String, Integer> widths = result.pruned().orElseThrow().widths();
        assertThat(widths.keySet()).isEqualTo(result.dense().widths().keySet());
        assertThat(widths.values()).containsOnly(0, 1);
        assertThat(widths.values().stream().filter(width -> width == 1)).hasSize(3);
        assertThat(result.plans()).extracting(PlanRecord::decision).contains(Decision.ACCEPTED);
    }

    /** A counted cost falls from plan to plan as the network does, also where nothing is planned by it. */
    @Test
    void thePublishedRuleCountsWhatItRemoved() {
        RunResult result = published("counted", network, CostKind.MACS, Objective.LATENCY);
        ArmResult pruned = result.pruned().orElseThrow();
        PlanRecord first = result.plans().get(0);
        assertThat(first.costBefore()).isEqualTo(macs(result.dense()));
        assertThat(first.costMeasured()).isEqualTo(macs(pruned));
        assertThat(first.costPredicted()).isEqualTo(macs(pruned));
        assertThat(result.plans().get(1).costBefore()).isEqualTo(macs(pruned));
    }

    /** Of two empty branches the first goes; the other keeps a channel, since nothing could replace it. */
    @Test
    void ofTwoEmptyBranchesOneStays() {
        RunResult result = published("branches", Bench.branches(12), CostKind.MACS, Objective.LATENCY);
        assertThat(result.plans().get(0).decision()).isEqualTo(Decision.ACCEPTED);
        assertThat(result.pruned().orElseThrow().widths())
                .isEqualTo(Map.of("conv1", 1, "left1", 0, "left2", 0, "left3", 1, "right1", 1));
    }

    /** An inference runs long after the training, so that no training step has to repay what makes it shorter. */
    @Test
    void aLatencyBudgetIsPursuedHoweverLittleARunCouldRepay() {
        RunResult result = run(
                "latency",
                settings("latency=0.7"),
                Optional.empty(),
                line -> {},
                1,
                n -> truth.step(n, BATCH),
                Optional.empty());
        assertThat(result.plans()).hasSizeGreaterThan(1);
        assertThat(result.plans()).extracting(PlanRecord::decision).containsOnly(Decision.ACCEPTED);
        assertThat(result.comparison()
                        .orElseThrow()
                        .latencyRatio()
                        .estimate()
                        .orElseThrow()
                        .value())
                .isLessThan(0.7 * 1.05);
        RunResult step = run(
                "step",
                settings("train-step=0.7"),
                Optional.empty(),
                line -> {},
                1,
                n -> truth.step(n, BATCH),
                Optional.empty());
        // Later ones are weighed by the time that this one took.
        assertThat(step.plans().getFirst().decision()).isEqualTo(Decision.REJECTED);
    }

    /** A list without plans is what a run that pruned nothing left: nothing is planned anew. */
    @Test
    void noPlansReplayAsNoPruning() {
        RunResult result = run("nothing", settings("train-step=0.7"), Optional.of(List.of()), line -> {});
        assertThat(result.plans()).isEmpty();
        assertThat(result.pruned().orElseThrow().widths())
                .isEqualTo(result.dense().widths());
        assertThat(result.prunedHistory()).hasSize(EPOCHS);
    }

    /** PruneTrain as published, from a network whose every filter is empty. */
    private RunResult published(String name, Network published, CostKind cost, Objective objective) {
        ModelState start = new Initializer(1).initialize(published);
        start.parameters().values().stream()
                .filter(tensor -> tensor.shape().length > 1)
                .forEach(tensor -> Arrays.fill(tensor.data(), 0));
        PruningSettings pruning = new PruningSettings(
                Budget.parse("none"),
                cost,
                objective,
                1,
                0,
                0.05,
                OptionalDouble.empty(),
                OptionalDouble.of(0),
                OptionalInt.of(1),
                5,
                0.1);
        return run(
                name,
                settings(published, pruning),
                Optional.empty(),
                line -> {},
                n -> truth.step(n, BATCH) * SCALE,
                Optional.of(start));
    }

    private static double macs(ArmResult arm) {
        return (double) arm.counts().macs().convolution() + arm.counts().macs().linear();
    }

    private static double measuredPerBudget(PlanRecord plan) {
        return Objects.requireNonNull(plan.costMeasured()) / Objects.requireNonNull(plan.budget());
    }

    private RunResult run(
            String name, RunSettings settings, Optional<List<PlanRecord>> replay, Consumer<String> progress) {
        return run(name, settings, replay, progress, n -> truth.step(n, BATCH) * SCALE, Optional.empty());
    }

    private RunResult run(
            String name,
            RunSettings settings,
            Optional<List<PlanRecord>> replay,
            Consumer<String> progress,
            ToDoubleFunction<Network> step,
            Optional<ModelState> start) {
        return run(name, settings, replay, progress, SCALE, step, start);
    }

    private RunResult run(
            String name,
            RunSettings settings,
            Optional<List<PlanRecord>> replay,
            Consumer<String> progress,
            double scale,
            ToDoubleFunction<Network> step,
            Optional<ModelState> start) {
        return run(name, settings, replay, progress, scale, step, start, ticking());
    }

    private static Optional<EnergyCounter> ticking() {
        return Optional.of(new Ticking());
    }

    private RunResult run(
            String name,
            RunSettings settings,
            Optional<List<PlanRecord>> replay,
            Consumer<String> progress,
            double scale,
            ToDoubleFunction<Network> step,
            Optional<ModelState> start,
            Optional<EnergyCounter> counter) {
        Bench bench = new Bench(w -> {
            measured.add(w);
            return scale * truth.applyAsDouble(w);
        });
        StepMeter meter = new StepMeter(
                bench.device,
                bench.device.surroundings(),
                n -> bench.device.kernel(step.applyAsDouble(n)),
                n -> bench.device.kernel(step.applyAsDouble(n) / 3),
                1);
        return run(name, settings, replay, progress, bench.costs, meter, bench.device, start, counter);
    }

    private RunResult run(
            String name,
            RunSettings settings,
            Optional<List<PlanRecord>> replay,
            Consumer<String> progress,
            OnDemandCosts costs,
            StepMeter meter,
            SimulatedDevice device,
            Optional<ModelState> start,
            Optional<EnergyCounter> counter) {
        Engine engine = new Engine.OnLibTorch(LibTorch.load(), new TensorFormat(DataType.F32, layout.layout()), others);
        try (RunDirectory directory = RunDirectory.open(root, name, false)) {
            return new PruningRun(
                            settings,
                            data,
                            costs,
                            meter,
                            directory,
                            layout,
                            new Trainers(engine, settings.training(), data, System::nanoTime),
                            replay,
                            start,
                            counter,
                            // A thousandth of real time, so that a busy machine changes no decision.
                            () -> System.nanoTime() / 1000
                                    + device.surroundings().nanoTime().getAsLong(),
                            progress)
                    .run();
        }
    }

    /** A counter that rises by a joule whenever it is read. */
    private static final class Ticking implements EnergyCounter {
        private int readings;

        @Override
        public String id() {
            return "ticking";
        }

        @Override
        public double joules() {
            return ++readings;
        }

        @Override
        public double limitWatts() {
            return 1;
        }
    }

    private Checkpoint weights(String name) {
        return Checkpoint.read(root.resolve(name).resolve("pruned.safetensors"));
    }

    private Checkpoint dense(String name) {
        return Checkpoint.read(root.resolve(name).resolve("dense.safetensors"));
    }

    private RunSettings settings(String budget) {
        return settings(budget, 1);
    }

    private RunSettings settings(String budget, double measuringShare) {
        PruningSettings d = PruningSettings.toward(Budget.parse(budget));
        return settings(
                network,
                new PruningSettings(
                        d.budget(),
                        d.cost(),
                        d.objective(),
                        d.stepWeight(),
                        d.saliencyBudget(),
                        d.saliencyRunBudget(),
                        d.rho(),
                        OptionalDouble.of(0),
                        OptionalInt.of(1),
                        d.reconfigurations(),
                        measuringShare));
    }

    private RunSettings settings(Network dense, PruningSettings pruning) {
        return new RunSettings(
                dense,
                new TrainingSettings(EPOCHS, BATCH, 0.05, 0.9, 5e-4, ScheduleKind.ONE_CYCLE, 3),
                Optional.of(pruning),
                true,
                1,
                16,
                6);
    }

    /** The same with all that a recipe may have. */
    private RunSettings taught(RunSettings plain) {
        Distillation distillation = new Distillation(network, new Initializer(9).initialize(network), 4, 0.9);
        Recipe recipe = new Recipe(0.1, OptionalDouble.of(1), Optional.of(distillation));
        return new RunSettings(
                network,
                new TrainingSettings(EPOCHS, BATCH, 0.05, 0.9, 5e-4, ScheduleKind.COSINE, 3, 1, recipe),
                plain.pruning(),
                plain.dense(),
                plain.inferenceBatch(),
                plain.epochTestImages(),
                plain.finalPairs());
    }

    /** Four classes of noise on a bright quarter. */
    private static Dataset data() {
        return new Dataset(
                "quarters",
                4,
                new Normalisation(new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.3f, 0.3f, 0.3f}, "chosen"),
                false,
                images(128, 1),
                images(32, 2));
    }

    private static ImageSet images(int count, long seed) {
        Shape shape = new Shape(3, 12, 12);
        Random random = new Random(seed);
        byte[] pixels = new byte[count * shape.elements()];
        int[] labels = new int[count];
        random.nextBytes(pixels);
        for (int i = 0; i < count; i++) {
            labels[i] = random.nextInt(4);
            for (int p = 0; p < shape.elements(); p++) {
                int y = p % 144 / 12;
                int x = p % 12;
                if (y / 6 * 2 + x / 6 == labels[i]) {
                    pixels[i * shape.elements() + p] |= (byte) 0x80;
                }
            }
        }
        return new ImageSet(shape, pixels, labels);
    }
}
