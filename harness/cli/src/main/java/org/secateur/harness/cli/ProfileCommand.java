package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.secateur.harness.cli.LayerTime.Rank;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.energy.EnergyGauge;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Regime;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.EnergyModel;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.IdleCorrection;
import org.secateur.results.core.cost.MeasuredCosts;
import org.secateur.results.core.cost.Roofline;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a network's workloads into a table. */
@Command(
        name = "profile",
        description = {
            "Measure every workload of a network's training step and inference into the store's table of this device,",
            "and tell where the seconds and joules go, what binds each layer, and which narrower width is cheaper.",
            "Each measurement is kept as soon as it is made: the same command continues an interrupted one."
        },
        footer = {
            "",
            "Examples:",
            "  secateur profile --network resnet20 --batch 128",
            "  secateur profile --network vgg11 --neighbours 0.75,0.5,0.25 --json",
            "  secateur profile --network resnet50 --batch 256 --device cuda:0 --dtype f16 --layout nhwc",
            "  secateur profile --network resnet20 --neighbourhood --held-out 400",
            "  secateur profile --network resnet20 --fast --by joules --energy-model memory-hierarchy",
            "  secateur profile --network resnet20 --again"
        })
final class ProfileCommand implements Callable<Integer> {
    /** A gate, a rest, a lead-in and a window: see {@link EnergyOptions#quick()}. */
    private static final double ENERGY_SECONDS = 12;

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
    private final ArithmeticOptions arithmeticOptions = new ArithmeticOptions();

    @Option(
            names = "--neighbours",
            paramLabel = "F",
            split = ",",
            description = "Also measure each layer with its input and output channels at these fractions of their"
                    + " number, for example 0.75,0.5 (default: none; pruning measures what it needs).")
    private List<Double> neighbours = List.of();

    @Mixin
    private final NeighbourhoodOptions neighbourhood = new NeighbourhoodOptions();

    @Mixin
    private final PowerOption power = new PowerOption();

    @Mixin
    private final StartOption start = new StartOption();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Option(
            names = "--hot",
            description = "Also measure the network's own workloads on caches left warm (HOT), to see beside the COLD"
                    + " times, which are those that count.")
    private boolean hot;

    @Option(
            names = "--rough",
            description = "Measure each point for some 60 ms only, to within about 5 %%; most are flagged WIDE.")
    private boolean rough;

    @Option(
            names = "--no-energy",
            description = "Do not measure energy, which takes some twelve seconds for each of the network's own points"
                    + " where the device has a counter.")
    private boolean noEnergy;

    @Option(
            names = "--by",
            paramLabel = "seconds|joules",
            description = "What ranks the layers (default: ${DEFAULT-VALUE}).")
    private Rank by = Rank.SECONDS;

    @Option(
            names = "--fast",
            description = "Do not measure again what is there but wider than asked for, or without a single number.")
    private boolean fast;

    @Option(
            names = "--again",
            description = "Measure the network's points and --neighbours again though they are there; secateur history"
                    + " then tells where they changed.")
    private boolean again;

    ProfileCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        check();
        power.model(common.kind());
        Arithmetic arithmetic = arithmeticOptions.of(common.kind());
        Network profiled = widths.applied(network.required());
        int batch = batches.training();
        int inferenceBatch = batches.inference(common.kind());
        List<WorkloadKey> own = Points.of(profiled, batch, inferenceBatch, List.of(), arithmetic);
        List<WorkloadKey> keys = keys(profiled, batch, inferenceBatch, own, arithmetic);
        Path path = common.storePath(session);
        SamplerOptions options = options();
        try (Device device = session.devices().apply(common.device);
                Store store = Store.open(path);
                TableWriter writer = store.writer(device.name(), device.fingerprint(), named(profiled))) {
            Optional<EnergyModel> model = power.instead(device);
            Optional<EnergyGauge> counter = noEnergy || model.isPresent()
                    ? Optional.empty()
                    : Energies.counted(device, session, start.applied(EnergyOptions.quick()), common.seed);
            Sampler sampler = new Sampler(options, session.surroundings(), Energies.none(device), common.seed);
            PointMeter meter = new PointMeter(
                    device,
                    writer,
                    Measuring.begin(session, named(profiled), common.seed).under(options.numbers()),
                    sampler,
                    counter.map(gauge -> new Sampler(options, session.surroundings(), gauge, common.seed))
                            .orElse(sampler),
                    model);
            Set<WorkloadKey> counted = counter.isPresent() ? new LinkedHashSet<>(own) : Set.of();
            List<WorkloadKey> due = keys.stream()
                    .filter(key -> isDue(meter.table(), key, counted))
                    .toList();
            long energies = due.stream().filter(counted::contains).count();
            session.console().note("secateur: " + announced(keys.size(), due.size(), energies, options));
            double start = session.seconds();
            measure(meter, due, counted, arithmetic, "profile");
            Set<WorkloadKey> asked = new LinkedHashSet<>(keys);
            HeldOutError heldOut = HeldOut.leftOut(
                    meter.table(), narrower(own, Points.of(profiled, batch, inferenceBatch, neighbours, arithmetic)));
            Optional<NeighbourhoodResult> neighbourhoodResult = Optional.empty();
            List<String> warnings = new ArrayList<>();
            if (neighbourhood.wanted) {
                Neighbourhood built = built(profiled, batch, meter, arithmetic);
                CostTable table = only(meter.table(), built.asked());
                List<WorkloadKey> drawn = built.sample(neighbourhood.heldOut(), common.seed);
                measure(meter, meter.missing(drawn), Set.of(), arithmetic, "held out");
                List<WorkloadKey> sample =
                        drawn.stream().filter(key -> !meter.isRefused(key)).toList();
                heldOut = HeldOut.sample(table, sample, meter.table());
                neighbourhoodResult = Optional.of(NeighbourhoodResult.of(built, sample, meter.table()));
                warnings.addAll(built.warnings());
                asked.addAll(built.asked());
                asked.addAll(sample);
            }
            warnings.addAll(warnings(meter, asked));
            double seconds = session.seconds() - start;
            meter.finish(
                    counter.map(EnergyGauge::calibration).orElse(Map.of()),
                    heldOut.about(Measuring.subject(profiled.name(), batch, arithmetic)));
            CostTable table = meter.table();
            Roofline roofline = arithmetic
                    .roofline(table)
                    .orElseThrow(() -> new IllegalStateException("no peak was measured on " + table.device()));
            CostTable told = power.told(table, own);
            ProfileResult result = new ProfileResult(
                    profiled.name(),
                    batch,
                    arithmetic,
                    path,
                    table,
                    asked.size(),
                    meter.measured(),
                    heldOut,
                    neighbourhoodResult,
                    seconds,
                    roofline,
                    by,
                    LayerTime.ranked(
                            arithmetic.training(profiled, batch),
                            new MeasuredCosts(told),
                            new MeasuredCosts(told.map(row -> row.withJoules(IdleCorrection.netJoules(row)))),
                            roofline,
                            by),
                    CheaperWidth.of(profiled, batch, table, arithmetic),
                    warnings);
            session.console().result(common.json ? result.json(Json.device(device)) : result.text());
        }
        return ExitCode.DONE.code();
    }

    private static String named(Network profiled) {
        return "profile --network " + profiled.name();
    }

    /** The network's own points with the peaks' references, then its neighbours. */
    private List<WorkloadKey> keys(
            Network profiled, int batch, int inferenceBatch, List<WorkloadKey> own, Arithmetic arithmetic) {
        Set<WorkloadKey> keys = new LinkedHashSet<>(arithmetic.references());
        keys.addAll(own);
        if (hot) {
            own.forEach(key -> keys.add(new WorkloadKey(key.workload(), Regime.HOT, key.request())));
        }
        if (neighbourhood.wanted) {
            for (int size : neighbourhood.batches(batch)) {
                keys.addAll(Points.of(profiled, size, inferenceBatch, List.of(), arithmetic));
                keys.addAll(Points.elementwise(profiled, size, inferenceBatch, neighbourhood.from(), arithmetic));
            }
        }
        keys.addAll(Points.of(profiled, batch, inferenceBatch, neighbours, arithmetic));
        return List.copyOf(keys);
    }

    private static List<WorkloadKey> narrower(List<WorkloadKey> own, List<WorkloadKey> all) {
        return all.subList(own.size(), all.size());
    }

    private Neighbourhood built(Network profiled, int batch, PointMeter meter, Arithmetic arithmetic) {
        Neighbourhood plans =
                Neighbourhood.of(profiled, neighbourhood.batches(batch), neighbourhood.from(), arithmetic);
        session.console()
                .note("secateur: then a part of the %d points of the neighbourhood, and %d held out"
                        .formatted(plans.points(), neighbourhood.heldOut()));
        try (Progress progress = session.progress("neighbourhood")) {
            plans.build(
                    keys -> {
                        double settled = plans.settledShare();
                        String state = "%d of %d points asked for, %s settled"
                                .formatted(plans.asked().size(), plans.points(), Text.percent(settled));
                        meter.measure(meter.missing(keys), done -> progress.at(settled, state));
                        return meter.table();
                    },
                    meter::isRefused);
        }
        return plans;
    }

    private static CostTable only(CostTable table, Set<WorkloadKey> keys) {
        Map<WorkloadKey, Measurement> rows = new LinkedHashMap<>();
        keys.forEach(key -> table.row(key).ifPresent(row -> rows.put(key, row)));
        return new CostTable(table.device(), table.fingerprint(), rows);
    }

    private void check() {
        neighbourhood.check();
        for (double fraction : neighbours) {
            if (!(fraction > 0 && fraction < 1)) {
                throw new IllegalArgumentException("--neighbours " + fraction + ": expected above 0 and below 1");
            }
        }
    }

    private boolean isDue(CostTable table, WorkloadKey key, Set<WorkloadKey> counted) {
        if (again) {
            return true;
        }
        return table.row(key)
                .map(row -> (!fast
                                && (row.flags().contains(Flag.WIDE)
                                        || row.seconds().estimate().isEmpty()))
                        || (counted.contains(key) && row.energySamples().isEmpty()))
                .orElse(true);
    }

    /** What is going to be measured, since the first points may be long in coming. */
    private static String announced(int points, int due, long energies, SamplerOptions options) {
        if (due == 0) {
            return "all " + points + " points are there already";
        }
        // A point's blocks are capped, and so is the warm-up before them.
        double most = due * (options.capSeconds() + options.warmUp().maxSeconds()) + energies * ENERGY_SECONDS;
        return String.format(
                Locale.ROOT,
                "%smeasuring %d points to within %s, each for at most %s after its warm-up%s: up to %s, besides preparing them",
                due < points ? points - due + " of " + points + " points are there already; " : "",
                due,
                Text.percent(options.halfWidth()),
                Text.seconds(options.capSeconds()),
                energies == 0 ? "" : ", and the energy of " + energies + " of them",
                Progress.duration(most));
    }

    private SamplerOptions options() {
        return precision.applied(rough ? SamplerOptions.rough() : SamplerOptions.thorough());
    }

    /** Measures points; the peaks among them first, since they judge the others; then those whose energy counts. */
    private void measure(
            PointMeter meter, List<WorkloadKey> due, Set<WorkloadKey> counted, Arithmetic arithmetic, String what) {
        List<WorkloadKey> peaks =
                due.stream().filter(arithmetic.references()::contains).toList();
        List<WorkloadKey> own = due.stream()
                .filter(key -> counted.contains(key) && !peaks.contains(key))
                .toList();
        List<WorkloadKey> others = due.stream()
                .filter(key -> !counted.contains(key) && !peaks.contains(key))
                .toList();
        try (Progress progress = session.progress(what)) {
            meter.measure(peaks, done -> told(progress, done, due.size()));
            meter.measureWithEnergy(own, done -> told(progress, peaks.size() + done, due.size()));
            meter.measure(others, done -> told(progress, due.size() - others.size() + done, due.size()));
        }
    }

    private static void told(Progress progress, int done, int due) {
        progress.at((double) done / due, done + " of " + due + " points");
    }

    private static List<String> warnings(PointMeter meter, Collection<WorkloadKey> keys) {
        Map<Flag, Integer> flagged = new LinkedHashMap<>();
        for (WorkloadKey key : keys) {
            meter.table()
                    .row(key)
                    .ifPresent(
                            row -> row.flags().stream().sorted().forEach(flag -> flagged.merge(flag, 1, Integer::sum)));
        }
        List<String> warnings = new ArrayList<>(meter.warnings());
        flagged.forEach((flag, count) -> warnings.add(count + " of " + keys.size() + " points are flagged " + flag));
        return warnings;
    }
}
