package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.Checkpoint;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two things on one device, in interleaved pairs. */
@Command(
        name = "compare",
        description = {
            "Measure two things in interleaved pairs on this machine and say which is faster.",
            "A thing is a network (resnet20), a network at widths (resnet20@widths.json, resnet20@uniform:0.5), a"
                    + " checkpoint (pruned.safetensors), or the text of a workload as secateur table show prints it."
        },
        footer = {
            "",
            "Examples:",
            "  secateur compare resnet20 resnet20@runs/NAME/widths.json",
            "  secateur compare resnet20@macs.json resnet20@seconds.json --of inference --json"
        })
final class CompareCommand implements Callable<Integer> {
    /** Differences below this are no difference: the blueprint's equivalence margin. */
    private static final double DELTA = 0.01;

    private static final int MOST_PAIRS = 10_000;

    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(index = "0", paramLabel = "BASELINE", description = "What is compared with.")
    private String baseline = "";

    @Parameters(index = "1", paramLabel = "CANDIDATE", description = "What is compared.")
    private String candidate = "";

    @Option(
            names = "--of",
            paramLabel = "KIND",
            description = "What of a network: step (a training step) or inference (default: ${DEFAULT-VALUE}).")
    private Whole of = Whole.STEP;

    @Mixin
    private final BatchOptions batches = new BatchOptions();

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description = "Pairs, at least 6, the fewest with an interval (default: ${DEFAULT-VALUE}).")
    private int pairs = 20;

    @Option(
            names = "--strict",
            description = "Leave with exit code 1 when the candidate is SLOWER, and 4 when the verdict is UNDECIDED.")
    private boolean strict;

    /** What of a network is measured. */
    enum Whole {
        STEP,
        INFERENCE
    }

    CompareCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (pairs < 6 || pairs > MOST_PAIRS) {
            throw new IllegalArgumentException("--pairs " + pairs + ": expected 6.." + MOST_PAIRS);
        }
        int batch = of == Whole.STEP ? batches.training() : batches.inference(common.kind());
        Thing first = Thing.parse(baseline);
        Thing second = Thing.parse(candidate);
        try (Device device = session.devices().apply(common.device)) {
            session.console().note("secateur: measuring " + pairs + " pairs ...");
            SamplerOptions options = SamplerOptions.thorough();
            PairedTiming timing = new Sampler(
                            options.withPairs(pairs, options.pairBlockSeconds()),
                            session.surroundings(),
                            Sampler.NO_ENERGY,
                            common.seed)
                    .compare(device, kernel(device, first, batch), kernel(device, second, batch), DELTA);
            session.console().result(common.json ? json(device, batch, timing) : text(batch, timing));
            return exit(timing.comparison().verdict()).code();
        }
    }

    private ExitCode exit(Verdict verdict) {
        if (!strict) {
            return ExitCode.DONE;
        }
        return switch (verdict) {
            case SLOWER -> ExitCode.FAILED;
            case UNDECIDED -> ExitCode.UNDECIDED;
            case FASTER, SAME -> ExitCode.DONE;
        };
    }

    private Supplier<Kernel> kernel(Device device, Thing thing, int batch) {
        return switch (thing) {
            case Thing.OfWorkload(Workload workload) -> () -> device.open(WorkloadKey.cold(workload));
            case Thing.OfNetwork(Network network) ->
                of == Whole.STEP
                        ? WholeKernels.step(device, network, batch, common.seed)
                        : WholeKernels.inference(device, network, batch, common.seed);
        };
    }

    /** What can be compared. */
    private sealed interface Thing {
        /** A network, whole. */
        record OfNetwork(Network network) implements Thing {}

        /** One launch. */
        record OfWorkload(Workload workload) implements Thing {}

        static Thing parse(String text) {
            if (text.contains(" pass=")) {
                return new OfWorkload(Workload.parse(text));
            }
            if (text.endsWith(".safetensors")) {
                return new OfNetwork(Checkpoint.read(Path.of(text)).network());
            }
            int at = text.indexOf('@');
            NetworkOptions options = new NetworkOptions();
            options.network = at < 0 ? text : text.substring(0, at);
            if (options.network.isBlank()) {
                throw SecateurException.badInput(
                        "nothing is named", "\"" + text + "\"", "name a network, a checkpoint or a workload");
            }
            Network network = options.required();
            return new OfNetwork(at < 0 ? network : Widths.applied(network, text.substring(at + 1)));
        }
    }

    private String json(Device device, int batch, PairedTiming timing) {
        Map<String, Object> document = Json.document("compare", Json.device(device), reasons(timing));
        document.put("baseline", side(baseline, timing.baseline().seconds()));
        document.put("candidate", side(candidate, timing.candidate().seconds()));
        document.put("of", of.name().toLowerCase(Locale.ROOT));
        document.put("batch", batch);
        document.put("ratio", Quantity.derived(timing.comparison().ratio()));
        document.put("verdict", timing.comparison().verdict().name());
        document.put("pairs", timing.comparison().pairs());
        document.put("reasons", reasons(timing));
        return Json.write(document);
    }

    private static Map<String, Object> side(String name, Quantity seconds) {
        Map<String, Object> side = new LinkedHashMap<>();
        side.put("name", name);
        side.put("seconds", seconds);
        return side;
    }

    /** Why the verdict is to be taken with care. */
    private List<String> reasons(PairedTiming timing) {
        List<String> reasons = new ArrayList<>();
        timing.baseline().flags().stream().sorted().forEach(flag -> reasons.add(baseline + " is flagged " + flag));
        timing.candidate().flags().stream().sorted().forEach(flag -> reasons.add(candidate + " is flagged " + flag));
        return reasons;
    }

    private String text(int batch, PairedTiming timing) {
        Estimate ratio = timing.comparison().ratio();
        String interval = String.format(Locale.ROOT, "[%.3f, %.3f]", ratio.low(), ratio.high());
        StringBuilder text = new StringBuilder(
                switch (timing.comparison().verdict()) {
                    case FASTER ->
                        String.format(
                                Locale.ROOT,
                                "FASTER: %s takes %.3f %s of the time of %s",
                                candidate,
                                ratio.value(),
                                interval,
                                baseline);
                    case SLOWER ->
                        String.format(
                                Locale.ROOT,
                                "SLOWER: %s takes %.3f %s times as long as %s",
                                candidate,
                                ratio.value(),
                                interval,
                                baseline);
                    case SAME ->
                        "SAME: %s and %s differ by less than %s: ratio %.3f %s"
                                .formatted(candidate, baseline, Text.percent(DELTA), ratio.value(), interval);
                    case UNDECIDED ->
                        "UNDECIDED: the ratio of %s to %s is %.3f %s; take more --pairs or a quieter machine"
                                .formatted(candidate, baseline, ratio.value(), interval);
                });
        text.append("\n\n")
                .append(new Columns("", "seconds")
                        .row(baseline, Text.seconds(timing.baseline().seconds()))
                        .row(candidate, Text.seconds(timing.candidate().seconds()))
                        .text())
                .append("%d pairs of blocks, batch %d%n"
                        .formatted(timing.comparison().pairs(), batch));
        reasons(timing).forEach(reason -> text.append("warning: ").append(reason).append('\n'));
        return text.toString();
    }
}
