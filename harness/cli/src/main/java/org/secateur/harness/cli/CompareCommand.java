package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.secateur.harness.cli.CompareResult.Compared;
import org.secateur.models.core.graph.Network;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.energy.ModelledEnergy;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.SamplerOptions.Extension;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.EnergyModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares things on one device with a baseline, in interleaved pairs. */
@Command(
        name = "compare",
        description = {
            "Measure two things in interleaved pairs on this machine and say which is faster.",
            "A thing is a network (resnet20), a network at widths (resnet20@widths.json, resnet20@uniform:0.5), a"
                    + " checkpoint (pruned.safetensors) or ONNX file, or the text of a workload as secateur table show prints it."
                    + " A network may name the layout and the type it is computed in (resnet20@nhwc, resnet20@nhwc@bf16).",
            "Before, a reference convolution is compared with itself: where that is not SAME the run is INVALID."
        },
        footer = {
            "",
            "Examples:",
            "  secateur compare resnet20@nhwc resnet20@runs/NAME/widths.json@nhwc",
            "  secateur compare resnet20@macs.json resnet20@seconds.json --of inference --json",
            "  secateur compare resnet20 resnet20 --threads 1,2",
            "  secateur compare resnet20@nchw resnet20@nhwc",
            "  secateur compare resnet20 resnet20@uniform:0.9 resnet20@uniform:0.8 resnet20@uniform:0.7"
        })
final class CompareCommand implements Callable<Integer> {
    static final int MOST_PAIRS = 10_000;

    /** As many pairs again, twice, are what a user waits for. */
    static final int LOOKS = 3;

    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(index = "0", paramLabel = "BASELINE", description = "What is compared with.")
    private String baseline = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "CANDIDATE",
            description = "What is compared; of several, each with the baseline.")
    private List<String> candidates = List.of();

    @Option(
            names = "--of",
            paramLabel = "KIND",
            description = "What of a network: step (a training step) or inference (default: ${DEFAULT-VALUE}).")
    private Whole of = Whole.STEP;

    @Option(
            names = "--regime",
            paramLabel = "cold|hot",
            description = "Caches before each launch of a workload (default: ${DEFAULT-VALUE}).")
    private Regime regime = Regime.COLD;

    @Option(
            names = "--threads",
            paramLabel = "N",
            split = ",",
            description = "Threads of the baseline and of each candidate, for example 1,2: only on cpu (default: what"
                    + " the launcher set for all).")
    private List<Integer> threads = List.of();

    @Mixin
    private final BatchOptions batches = new BatchOptions();

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description =
                    "Pairs, at least 6, the fewest with an interval (default: ${DEFAULT-VALUE}). What is UNDECIDED"
                            + " then gets as many again, up to twice.")
    private int pairs = 20;

    @Option(
            names = "--limit",
            paramLabel = "S",
            description = "Seconds of pairs after which there are no further ones (default: ${DEFAULT-VALUE}).")
    private double limitSeconds = 300;

    @Mixin
    private final PowerOption power = new PowerOption();

    @Mixin
    private final StartOption start = new StartOption();

    @Option(
            names = "--no-energy",
            description = "Do not compare energy, which takes some minutes for each candidate where the device has a"
                    + " counter.")
    private boolean noEnergy;

    @Option(
            names = "--strict",
            description =
                    "Leave with exit code 1 when a candidate is SLOWER beyond what counts as SAME, 4 when a verdict"
                            + " is UNDECIDED, and 3 when the run is INVALID.")
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
        check();
        int batch = of == Whole.STEP ? batches.training() : batches.inference(common.kind());
        Thing first = Thing.parse(baseline);
        List<Thing> others = candidates.stream().map(Thing::parse).toList();
        try (Device device = session.devices().apply(common.device)) {
            List<Supplier<Kernel>> kernels = new ArrayList<>();
            kernels.add(kernel(device, first, batch));
            others.forEach(other -> kernels.add(kernel(device, other, batch)));
            List<List<Workload>> launches = Stream.concat(Stream.of(first), others.stream())
                    .map(thing -> launches(thing, batch))
                    .toList();
            CompareResult result = threads.isEmpty()
                    ? measured(device, batch, kernels, launches)
                    : onThreads(device, batch, kernels, launches);
            session.console().result(common.json ? result.json(Json.device(device)) : result.text());
            return (strict ? result.exit() : ExitCode.DONE).code();
        }
    }

    private void check() {
        if (pairs < 6 || pairs > MOST_PAIRS) {
            throw new IllegalArgumentException("--pairs " + pairs + ": expected 6.." + MOST_PAIRS);
        }
        if (!(limitSeconds > 0)) {
            throw new IllegalArgumentException("--limit " + limitSeconds + ": expected above 0 seconds");
        }
        int processors = Runtime.getRuntime().availableProcessors();
        if (!threads.isEmpty() && threads.size() != 1 + candidates.size()) {
            throw new IllegalArgumentException("--threads " + threads + ": expected one number for the baseline and one"
                    + " for each candidate, " + (1 + candidates.size()) + " in all");
        }
        if (threads.stream().anyMatch(n -> n < 1 || n > processors)) {
            throw new IllegalArgumentException("--threads " + threads + ": expected 1.." + processors + " each");
        }
        if (!threads.isEmpty() && !common.kind().equals("cpu")) {
            throw SecateurException.badInput("only the processor has threads", "--threads", "leave it out");
        }
    }

    private CompareResult measured(
            Device device, int batch, List<Supplier<Kernel>> kernels, List<List<Workload>> launches) {
        Optional<EnergyModel> model = noEnergy ? Optional.empty() : power.instead(device);
        session.console()
                .note("secateur: measuring " + pairs + " pairs"
                        + (candidates.size() == 1 ? "" : " for each of " + candidates.size() + " candidates") + " ...");
        SamplerOptions options = SamplerOptions.thorough();
        Sampler sampler = new Sampler(
                options.withPairs(pairs, options.pairBlockSeconds()).withExtension(new Extension(LOOKS, limitSeconds)),
                session.surroundings(),
                noEnergy
                        ? new ModelledEnergy(Sampler.NO_ENERGY)
                        : Energies.of(device, session, start.applied(EnergyOptions.standard()), common.seed, model),
                common.seed);
        Control control = sampler.control(device);
        Optional<Control> energyControl = sampler.energyControl(device);
        double energyDelta = energyControl.map(Control::delta).orElse(control.delta());
        List<Compared> compared = new ArrayList<>();
        for (int i = 1; i < kernels.size(); i++) {
            List<Workload> ofBaseline = launches.get(0);
            List<Workload> ofCandidate = launches.get(i);
            PairedTiming measured =
                    sampler.compare(device, kernels.get(0), kernels.get(i), control.delta(), energyDelta);
            PairedTiming timing =
                    energyControl.map(c -> c.judgedJoules(measured)).orElse(measured);
            compared.add(new Compared(
                    named(candidates.get(i - 1), i),
                    model.map(m -> timing.with(
                                    timing.baseline().modelled(m, ofBaseline),
                                    timing.candidate().modelled(m, ofCandidate)))
                            .orElse(timing)));
        }
        return new CompareResult(
                of.name().toLowerCase(Locale.ROOT),
                batch,
                threads,
                named(baseline, 0),
                control,
                energyControl,
                compared);
    }

    private CompareResult onThreads(
            Device device, int batch, List<Supplier<Kernel>> kernels, List<List<Workload>> launches) {
        LibTorch libTorch = LibTorch.load();
        List<Supplier<Kernel>> threaded = new ArrayList<>();
        for (int i = 0; i < kernels.size(); i++) {
            Supplier<Kernel> kernel = kernels.get(i);
            int number = threads.get(i);
            threaded.add(() -> ThreadedKernel.open(kernel, number, libTorch::useThreads));
        }
        try {
            return measured(device, batch, threaded, launches);
        } finally {
            libTorch.useThreads(libTorch.threads());
        }
    }

    private String named(String thing, int place) {
        if (threads.isEmpty()) {
            return thing;
        }
        int number = threads.get(place);
        return thing + " (" + number + (number == 1 ? " thread)" : " threads)");
    }

    private List<Workload> launches(Thing thing, int batch) {
        return switch (thing) {
            case Thing.OfWorkload(Workload workload) -> List.of(workload);
            case Thing.OfNetwork(Network network, Arithmetic arithmetic) ->
                (of == Whole.STEP ? arithmetic.training(network, batch) : arithmetic.inference(network, batch))
                        .instructions().stream().map(Instruction::workload).toList();
        };
    }

    private Supplier<Kernel> kernel(Device device, Thing thing, int batch) {
        return switch (thing) {
            case Thing.OfWorkload(Workload workload) ->
                () -> device.open(new WorkloadKey(workload, regime, Request.DEFAULT));
            case Thing.OfNetwork(Network network, Arithmetic arithmetic) ->
                of == Whole.STEP
                        ? WholeKernels.step(device, network, batch, common.seed, arithmetic)
                        : WholeKernels.inference(device, network, batch, common.seed, arithmetic);
        };
    }
}
