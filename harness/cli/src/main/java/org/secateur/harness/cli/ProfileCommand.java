package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.Peaks;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Regime;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Plausibility;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a network's workloads into a table. */
@Command(
        name = "profile",
        description = {
            "Measure every workload of a network's training step and inference into the store's table of this device.",
            "Each measurement is kept as soon as it is made: the same command continues an interrupted one."
        },
        footer = {
            "",
            "Examples:",
            "  secateur profile --network resnet20 --batch 128",
            "  secateur profile --network vgg11 --neighbours 0.75,0.5,0.25 --json"
        })
final class ProfileCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final NetworkOptions network = new NetworkOptions();

    @Mixin
    private final WidthsOption widths = new WidthsOption();

    @Mixin
    private final BatchOptions batches = new BatchOptions();

    @Option(
            names = "--neighbours",
            paramLabel = "F",
            split = ",",
            description = "Also measure each layer with its input and output channels at these fractions of their"
                    + " number, for example 0.75,0.5 (default: none; pruning measures what it needs).")
    private List<Double> neighbours = List.of();

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

    @Option(names = "--fast", description = "Do not measure again what is there but wider than asked for.")
    private boolean fast;

    ProfileCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        check();
        Network profiled = widths.applied(network.required());
        int batch = batches.training();
        int inferenceBatch = batches.inference(common.kind());
        List<WorkloadKey> own = Points.of(profiled, batch, inferenceBatch, List.of());
        List<WorkloadKey> cold = Points.of(profiled, batch, inferenceBatch, neighbours);
        List<WorkloadKey> keys = new ArrayList<>(cold);
        if (hot) {
            own.forEach(key -> keys.add(new WorkloadKey(key.workload(), Regime.HOT, key.request())));
        }
        Path path = common.storePath(session);
        SamplerOptions options = options();
        try (Device device = session.devices().apply(common.device);
                Store store = Store.open(path);
                TableWriter writer =
                        store.writer(device.name(), device.fingerprint(), "profile --network " + profiled.name())) {
            CostTable before = writer.table();
            List<WorkloadKey> due =
                    keys.stream().filter(key -> isDue(before, key)).toList();
            session.console().note("secateur: " + announced(keys.size(), due.size(), options));
            double start = session.seconds();
            Optional<Control> control = measure(device, writer, due, options);
            double seconds = session.seconds() - start;
            CostTable table = writer.table();
            List<WorkloadKey> narrower = cold.subList(own.size(), cold.size());
            ProfileResult result = new ProfileResult(
                    profiled.name(),
                    batch,
                    path,
                    table,
                    keys.size(),
                    due.size(),
                    HeldOut.of(table, narrower),
                    seconds,
                    LayerTime.ranked(Points.training(profiled, batch), table),
                    warnings(control, table, keys));
            session.console().result(common.json ? result.json(Json.device(device)) : result.text());
        }
        return ExitCode.DONE.code();
    }

    private void check() {
        for (double fraction : neighbours) {
            if (!(fraction > 0 && fraction < 1)) {
                throw new IllegalArgumentException("--neighbours " + fraction + ": expected above 0 and below 1");
            }
        }
    }

    private boolean isDue(CostTable table, WorkloadKey key) {
        return table.row(key)
                .map(row -> row.seconds().estimate().isEmpty()
                        || !fast && row.flags().contains(Flag.WIDE))
                .orElse(true);
    }

    /** What is going to be measured, since the first points may be long in coming. */
    private static String announced(int points, int due, SamplerOptions options) {
        if (due == 0) {
            return "all " + points + " points are there already";
        }
        // A point's blocks are capped, and so is the warm-up before them.
        double most = due * (options.capSeconds() + options.warmUp().maxSeconds());
        return String.format(
                Locale.ROOT,
                "%smeasuring %d points to within %s, each for at most %s after its warm-up: up to %s, besides preparing them",
                due < points ? points - due + " of " + points + " points are there already; " : "",
                due,
                Text.percent(options.halfWidth()),
                Text.seconds(options.capSeconds()),
                Progress.duration(most));
    }

    private SamplerOptions options() {
        return precision.applied(rough ? SamplerOptions.rough() : SamplerOptions.thorough());
    }

    /** Measures what is due, after the control and the peaks by which it is judged. */
    private Optional<Control> measure(
            Device device, TableWriter writer, List<WorkloadKey> due, SamplerOptions options) {
        if (due.isEmpty()) {
            return Optional.empty();
        }
        Sampler sampler = new Sampler(options, session.surroundings(), Sampler.NO_ENERGY, common.seed);
        Control control = sampler.control(device);
        sampler.measure(device, Peaks.missing(writer.table()), row -> writer.append(control.judged(row)));
        Optional<Plausibility> peaks = Peaks.of(writer.table());
        List<Measurement> done = new ArrayList<>();
        try (Progress progress = session.progress("profile")) {
            sampler.measure(device, due, row -> {
                Measurement judged = control.judged(row);
                writer.append(peaks.map(p -> p.judged(judged)).orElse(judged));
                done.add(row);
                progress.at((double) done.size() / due.size(), done.size() + " of " + due.size() + " points");
            });
        }
        return Optional.of(control);
    }

    private static List<String> warnings(Optional<Control> control, CostTable table, List<WorkloadKey> keys) {
        Map<Flag, Integer> flagged = new LinkedHashMap<>();
        for (WorkloadKey key : keys) {
            table.row(key)
                    .ifPresent(
                            row -> row.flags().stream().sorted().forEach(flag -> flagged.merge(flag, 1, Integer::sum)));
        }
        List<String> warnings =
                new ArrayList<>(control.flatMap(Control::warning).stream().toList());
        flagged.forEach((flag, count) -> warnings.add(count + " of " + keys.size() + " points are flagged " + flag));
        return warnings;
    }
}
