package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.cli.Prediction.Verification;
import org.secateur.harness.loop.OnDemandCosts;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.cost.CostModel;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.cost.FirstOf;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.cost.MeasuringRun;
import org.secateur.results.core.cost.ScaledCosts;
import org.secateur.results.core.cost.StepCost;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Predicts from a table what a network costs, and checks the prediction. */
@Command(
        name = "predict",
        description = "What a network's training step and inference cost by a table of measurements.",
        footer = {
            "",
            "Examples:",
            "  secateur predict --network resnet20 --verify",
            "  secateur predict --network resnet20 --widths widths.json --table costs.json --json",
            "  secateur predict --network resnet20 --verify --prunings 20 --fit 4"
        })
final class PredictCommand implements Callable<Integer> {
    /** The vector width of current processors in channels of four bytes, by which a guess rounds up. */
    private static final int QUANTUM = 16;
    /** What a whole step is measured for at most when predictions are judged by it: some twenty of half a second. */
    private static final double STEP_CAP_SECONDS = 10;

    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final WidthsOption widths = new WidthsOption();

    @Mixin
    private final BatchOptions batches = new BatchOptions();

    @Mixin
    private final PowerOption power = new PowerOption();

    @Option(
            names = "--table",
            paramLabel = "TABLE",
            description = "A JSON file, or the first digits of a table's id in the store (default: the store's table of"
                    + " this device, else its only one). A table of another device may be read too.")
    @Nullable
    private String table;

    @Mixin
    private final ArithmeticOptions arithmeticOptions = new ArithmeticOptions();

    @Option(names = "--guess", description = "Guess what is missing from the nearest measurement; it is MODELLED then.")
    private boolean guess;

    @Option(names = "--verify", description = "Measure the whole training step too, and report the error.")
    private boolean verify;

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Option(
            names = "--prunings",
            paramLabel = "N",
            description =
                    "With --verify: draw N random prunings of the network (every group uniformly from a quarter of"
                            + " its channels to all), measure their missing rows (roughly, unless --precision or --cap is given)"
                            + " and their whole training steps, and report how far predictions are off.")
    private int prunings;

    @Option(
            names = "--fit",
            paramLabel = "K",
            description =
                    "With --prunings: fit a correction (scale, and a constant per operation) on K further prunings,"
                            + " which do not count (default: ${DEFAULT-VALUE}).")
    private int fit = 4;

    PredictCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Network predicted = widths.applied(network.required());
        power.model(common.kind());
        if (prunings != 0) {
            trial(predicted, batches.training(), arithmeticOptions.of(common.kind()));
        } else if (table != null) {
            // A wrong name is found before a library is loaded.
            CostTable named = Stores.table(table, common.storePath(session));
            predict(predicted, named.fingerprint().kind(), device -> named);
        } else {
            predict(predicted, common.kind(), this::fromStore);
        }
        return ExitCode.DONE.code();
    }

    private void trial(Network predicted, int batch, Arithmetic arithmetic) {
        if (prunings < 1 || fit < 0) {
            throw new IllegalArgumentException(
                    "--prunings " + prunings + " and --fit " + fit + ": expected at least 1, and at least 0");
        }
        if (!verify || table != null || guess) {
            throw SecateurException.badInput(
                    "random prunings are measured here",
                    "--prunings",
                    "use it with --verify, without --table or --guess");
        }
        SamplerOptions steps = SamplerOptions.thorough().withCapSeconds(STEP_CAP_SECONDS);
        try (Device device = session.devices().apply(common.device);
                Store store = Store.open(common.storePath(session));
                TableWriter writer = store.writer(
                        device.name(), device.fingerprint(), "predict --prunings --network " + predicted.name())) {
            MeasuringRun begun =
                    Measuring.begin(session, "predict --prunings --network " + predicted.name(), common.seed);
            Control control = control(device);
            MeasuringRun measuring = begun.controlled(control.reference());
            control.warning().ifPresent(warning -> session.console().note("secateur: " + warning));
            OnDemandCosts costs = new OnDemandCosts(
                    device,
                    writer.table(),
                    session.surroundings(),
                    Optional.empty(),
                    common.seed,
                    (row, how) -> writer.append(control.judged(row), measuring.under(how.numbers())));
            costs.measurePeaks(arithmetic.references());
            PredictionTrial.Result result = new PredictionTrial(
                            predicted,
                            batch,
                            arithmetic,
                            costs,
                            precision.given() ? precision.applied(SamplerOptions.thorough()) : SamplerOptions.rough(),
                            cut -> control.judged(measure(device, cut, batch, arithmetic, steps)),
                            session.console()::note)
                    .run(prunings, fit, common.seed);
            List<String> warnings = new ArrayList<>(control.warning().stream().toList());
            if (!result.skipped().isEmpty()) {
                warnings.add(result.skipped().size() + " of " + (fit + prunings)
                        + " prunings were left out, without a single time: " + String.join("; ", result.skipped()));
            }
            TrialDocument document = new TrialDocument(predicted.name(), batch, costs.snapshot(), result, warnings);
            session.console().result(common.json ? document.json(Json.device(device)) : document.text());
        }
    }

    private interface Tables {
        CostTable table(Optional<Device> device);
    }

    private CostTable fromStore(Optional<Device> device) {
        if (device.isPresent()) {
            try (Store store = Stores.existing(common.storePath(session))) {
                CostTable own = store.table(device.get().name(), device.get().fingerprint());
                if (!own.rows().isEmpty()) {
                    return own;
                }
            }
        }
        return Stores.table("", common.storePath(session));
    }

    private void predict(Network predicted, String kind, Tables tables) {
        int batch = batches.training();
        int inferenceBatch = batches.inference(kind);
        Arithmetic arithmetic = arithmeticOptions.of(kind);
        List<String> warnings = new ArrayList<>();
        @Nullable Device opened = open(warnings);
        try (opened) {
            Optional<Device> device = Optional.ofNullable(opened);
            CostTable costs = tables.table(device);
            Optional<String> foreign = foreign(device, costs);
            foreign.ifPresent(warnings::add);
            CostModel model = model(EnergyModel.counted(costs));
            StepProgram training = arithmetic.training(predicted, batch);
            StepCost step = StepCost.predict(training, model);
            if (power.asked() || step.total().joules().estimate().isEmpty()) {
                step = StepCost.predict(
                        training, model(power.model(costs.fingerprint().kind()).instead(costs)));
            }
            StepCost inference = StepCost.predict(arithmetic.inference(predicted, inferenceBatch), model);
            missing(step, "training step", arithmetic, warnings);
            missing(inference, "inference", arithmetic, warnings);
            flagged(step, "training step", warnings);
            flagged(inference, "inference", warnings);
            Optional<Verification> verification = Optional.empty();
            if (verify) {
                verification = Optional.of(
                        foreign.isPresent() || opened == null
                                ? Verification.missing(
                                        Quantity.unavailable(foreign.orElse("no device")),
                                        device.map(WholeKernels::by).orElse("step"))
                                : verified(opened, predicted, batch, arithmetic, step, warnings));
            }
            Optional<HeldOutError> heldOut =
                    costs.evidence().heldOut(Measuring.subject(predicted.name(), batch, arithmetic));
            Prediction result = new Prediction(
                    predicted.name(),
                    batch,
                    inferenceBatch,
                    arithmetic,
                    costs,
                    step,
                    inference,
                    verification,
                    heldOut,
                    warnings);
            Map<String, Object> json =
                    device.map(Json::device).orElseGet(() -> Json.noDevice(common.device, warnings.get(0)));
            session.console().result(common.json ? result.json(json) : result.text());
        }
    }

    private CostModel model(CostTable costs) {
        MeasuredCosts measured = new MeasuredCosts(costs);
        return guess ? new FirstOf(List.of(measured, new ScaledCosts(costs, QUANTUM))) : measured;
    }

    private void missing(StepCost cost, String what, Arithmetic arithmetic, List<String> warnings) {
        int missing = cost.coverage().missing();
        if (missing > 0) {
            warnings.add(missing + " of " + cost.coverage().total() + " launches of the " + what
                    + " are not in the table: measure them with " + profile(arithmetic) + ", or add --guess");
        }
    }

    /** The command that measures what is predicted here, of these options. */
    private String profile(Arithmetic arithmetic) {
        List<String> words = new ArrayList<>(List.of("secateur", "profile"));
        given(words, "--network", network.network);
        given(words, "--input", network.input);
        given(words, "--classes", network.classes);
        given(words, "--widths", widths.widths);
        given(words, "--batch", batches.training());
        given(words, "--inference-batch", batches.inferenceBatch);
        if (!arithmetic.equals(Arithmetic.DEFAULT)) {
            words.add(arithmetic.text());
        }
        if (!common.device.equals("cpu")) {
            given(words, "--device", common.device);
        }
        given(words, "--store", common.store);
        return String.join(" ", words);
    }

    private static void given(List<String> words, String option, @Nullable Object value) {
        if (value != null) {
            words.add(option);
            words.add(value.toString());
        }
    }

    private static void flagged(StepCost cost, String what, List<String> warnings) {
        cost.flagged()
                .forEach((flag, launches) -> warnings.add(launches + " of "
                        + cost.coverage().total() + " launches of the " + what + " rest on rows flagged " + flag));
    }

    /** The whole step as it is measured after a control, of whose failure the warnings tell. */
    private Verification verified(
            Device device, Network predicted, int batch, Arithmetic arithmetic, StepCost step, List<String> warnings) {
        session.console().note("secateur: measuring the whole step ...");
        Control control = control(device);
        control.warning().ifPresent(warnings::add);
        Timing measured = measure(device, predicted, batch, arithmetic, precision.applied(SamplerOptions.thorough()));
        return Verification.of(step.total().seconds(), control.judged(measured), WholeKernels.by(device));
    }

    private Control control(Device device) {
        return new Sampler(SamplerOptions.rough(), session.surroundings(), Sampler.NO_ENERGY, common.seed)
                .control(device);
    }

    /** The device, or nothing where it is not to be had: a table may be read without it. */
    private @Nullable Device open(List<String> warnings) {
        try {
            return session.devices().apply(common.device);
        } catch (SecateurException e) {
            warnings.add("device " + common.device + " is not to be had here: " + e.what());
            return null;
        }
    }

    /** Why nothing can be measured beside this table, where nothing can. */
    private Optional<String> foreign(Optional<Device> device, CostTable costs) {
        if (device.isEmpty()) {
            return Optional.of("the table of " + costs.device() + " was read, but device " + common.device
                    + " is not to be had here");
        }
        Map<String, String> differences = device.get().fingerprint().differences(costs.fingerprint());
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of("the table was measured on something else (here / there): " + differences);
    }

    private Timing measure(Device device, Network measured, int batch, Arithmetic arithmetic, SamplerOptions options) {
        return new Sampler(options, session.surroundings(), Sampler.NO_ENERGY, common.seed)
                .time(device, WholeKernels.step(device, measured, batch, common.seed, arithmetic));
    }
}
