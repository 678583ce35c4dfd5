package org.secateur.harness.cli;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.host.ClockPair;
import org.secateur.profilers.core.nvml.Answer;
import org.secateur.profilers.core.nvml.Nvml;
import org.secateur.profilers.core.nvml.NvmlDevice;
import org.secateur.profilers.core.nvml.PowerSample;
import org.secateur.profilers.core.probe.NvmlProbe;
import org.secateur.profilers.core.probe.Probe;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.cuda.Correctness;
import org.secateur.profilers.cuda.Correctness.Outcome;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.PairedComparison;

/** The phases of a GPU's check, those worth most first; and those that ask what the device is, and whether it is right. */
final class GpuPhases {
    private static final String CORRECTNESS = "correctness";

    /** Pairs of N and 2N launches, as many as an A/A control has. */
    private static final int PAIRS = 20;

    private static final double CONFIDENCE = 0.95;

    /** So many failures in turn are no longer those of single kernels. */
    private static final int LOST = 3;

    /** A convolution of ResNet-50's second stage at batch 32. */
    static final Convolution COMMON =
            new Convolution(32, 128, 28, 28, 128, 3, 3, Extent.of(1), Extent.of(1), Extent.of(1), 1);

    private final GpuBench bench;

    private GpuPhases(GpuBench bench) {
        this.bench = bench;
    }

    /** All phases. */
    static List<GpuPhase> of(GpuBench bench) {
        GpuPhases own = new GpuPhases(bench);
        GpuEnergyPhases energy = new GpuEnergyPhases(bench);
        GpuShapePhases shapes = new GpuShapePhases(bench);
        GpuPrunings prunings = new GpuPrunings(bench);
        Arithmetic tf32 = GpuShapePhases.TF32;
        return List.of(
                new GpuPhase("facts", 5, 15, own::facts),
                new GpuPhase(CORRECTNESS, 5, 45, own::correctness),
                new GpuPhase("timing", 10, 30, own::timing),
                new GpuPhase("calibration", GpuEnergyPhases.CALIBRATION_SECONDS, 90, energy::calibration),
                new GpuPhase("energy", GpuEnergyPhases.CALIBRATION_SECONDS, 90, energy::control),
                new GpuPhase("torch", 45, 110, new GpuTorchPhase(bench)::compare),
                new GpuPhase("staircase", 10, 45, shapes::staircase),
                new GpuPhase("resnet50-f16-256", 40, 110, time -> shapes.network("resnet50", 256, GpuBench.HALF, time)),
                new GpuPhase("anchors", GpuEnergyPhases.CALIBRATION_SECONDS, 75, energy::anchors),
                new GpuPhase("resnet50-f16-32", 40, 75, time -> shapes.network("resnet50", 32, GpuBench.HALF, time)),
                new GpuPhase("resnet50-tf32-32", 40, 75, time -> shapes.network("resnet50", 32, tf32, time)),
                new GpuPhase(
                        "resnet20-f32-128", 25, 60, time -> shapes.network("resnet20", 128, Arithmetic.DEFAULT, time)),
                new GpuPhase(GpuPruningSeconds.NAME, 60, 900, new GpuPruningSeconds(bench, prunings)::compare),
                new GpuPhase(
                        GpuPruningJoules.NAME,
                        GpuEnergyPhases.CALIBRATION_SECONDS,
                        400,
                        new GpuPruningJoules(bench, prunings, energy)::compare));
    }

    /** What driver, board and library offer. */
    private GpuFindings facts(Countdown time) {
        GpuFindings found = new GpuFindings();
        try (Kernel kernel = bench.device().open(Control.REFERENCE)) {
            kernel.launch();
            kernel.synchronize();
            found.put("referenceAlgorithm", kernel.variant().algorithm());
        }
        found.put("conditions", bench.device().conditions().readings());
        found.put("clockStepSeconds", clockStep());
        try (NvmlProbe nvml = new NvmlProbe(NvmlProbe.LIBRARY)) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("facts", new TreeMap<>(nvml.facts()));
            json.put("readings", nvml.readings());
            nvml.periodSeconds().ifPresent(seconds -> json.put("energyTickSeconds", seconds));
            nvml.callSeconds().ifPresent(seconds -> json.put("energyCallSeconds", seconds));
            if (nvml.status() instanceof Probe.Status.Unavailable none) {
                json.put("unavailable", none.reason());
            }
            found.put("nvml", json);
        }
        return found.put("powerSamples", powerSamples());
    }

    /** The least time that the host's clock tells apart. */
    private static double clockStep() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 1000; i++) {
            long start = System.nanoTime();
            long now = System.nanoTime();
            while (now == start) {
                now = System.nanoTime();
            }
            least = Math.min(least, now - start);
        }
        return least / 1e9;
    }

    /** The driver's own ring of power samples: how many, how far apart, and how old the newest is. */
    private Object powerSamples() {
        String uuid = bench.device().fingerprint().identity().getOrDefault("uuid", "");
        try (Nvml nvml = Nvml.open(Nvml.LIBRARY)) {
            return switch (nvml.withUuid(uuid)) {
                case Answer.Failure<NvmlDevice> none -> Quantity.unavailable(none.reason());
                case Answer.Value<NvmlDevice> some -> powerSamples(some.value());
            };
        } catch (SecateurException e) {
            return Quantity.unavailable(e.what());
        }
    }

    private Object powerSamples(NvmlDevice board) {
        ClockPair clocks = ClockPair.read(System::nanoTime, InstantSource.system());
        return switch (board.powerSamples(0, clocks)) {
            case Answer.Failure<List<PowerSample>> none -> Quantity.unavailable(none.reason());
            case Answer.Value<List<PowerSample>> some -> {
                List<PowerSample> samples = some.value();
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("count", samples.size());
                if (samples.size() > 1) {
                    PowerSample first = samples.getFirst();
                    PowerSample last = samples.getLast();
                    json.put("spacingSeconds", (last.nanoTime() - first.nanoTime()) / 1e9 / (samples.size() - 1));
                    json.put("newestAgeSeconds", (clocks.nanoTime() - last.nanoTime()) / 1e9);
                }
                yield json;
            }
        };
    }

    /** Every kernel against its reference in double precision; those that an earlier call has checked count on. */
    private GpuFindings correctness(Countdown time) {
        if (!(bench.device() instanceof CudaDevice cuda)) {
            throw SecateurException.environment(
                    "only kernels of cuDNN have references here", bench.device().id(), "check a GPU");
        }
        GpuFindings found = new GpuFindings();
        Map<String, Object> earlier = bench.folder().findings(CORRECTNESS);
        List<Object> wrong = list(earlier.get("wrong"));
        List<Object> refused = list(earlier.get("refused"));
        List<Workload> workloads = Correctness.workloads();
        int next = earlier.get("checked") instanceof Integer checked ? checked : 0;
        int failedInTurn = 0;
        for (; next < workloads.size() && failedInTurn < LOST && time.has(1); next++) {
            Workload workload = workloads.get(next);
            try {
                Outcome outcome = Correctness.check(cuda, workload);
                if (!outcome.right()) {
                    wrong.add(wrong(outcome));
                }
                failedInTurn = 0;
            } catch (IllegalArgumentException e) {
                refused.add(workload.text() + ": " + e.getMessage());
            } catch (SecateurException e) { // the others may still be right
                Map<String, Object> failed = new LinkedHashMap<>();
                failed.put("workload", workload.text());
                failed.put("failed", e.what());
                wrong.add(failed);
                failedInTurn++;
            }
        }
        found.put("checked", next)
                .put("right", next - wrong.size() - refused.size())
                .put("wrong", wrong)
                .put("refused", refused);
        return next == workloads.size() ? found : found.incomplete();
    }

    /** A list to go on with. */
    private static List<Object> list(@Nullable Object earlier) {
        return earlier instanceof List<?> known ? new ArrayList<>(known) : new ArrayList<>();
    }

    private static Map<String, Object> wrong(Outcome outcome) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("workload", outcome.workload().text());
        json.put("error", outcome.error());
        json.put("allowed", outcome.allowed());
        return json;
    }

    /** A kernel against itself, and 2N launches against N. */
    private GpuFindings timing(Countdown time) {
        GpuFindings found = new GpuFindings();
        found.put("reference", compared(bench.control().comparison()));
        WorkloadKey key = GpuBench.hot(COMMON);
        PairedComparison same = bench.sampler(SamplerOptions.rough().withPairs(PAIRS, 0.1))
                .compare(
                        bench.device(),
                        () -> bench.device().open(key),
                        () -> bench.device().open(key),
                        PairedComparison.LEAST_DELTA)
                .comparison();
        found.put("workload", key.workload().text()).put("same", compared(same));
        try (Kernel kernel = bench.device().open(key)) {
            int launches = bench.launches(kernel);
            RandomGenerator random = new SplittableRandom(bench.seed());
            double[] once = new double[PAIRS];
            double[] twice = new double[PAIRS];
            for (int i = 0; i < PAIRS; i++) {
                boolean swapped = random.nextBoolean();
                if (!swapped) {
                    once[i] = seconds(kernel, launches);
                }
                twice[i] = seconds(kernel, 2 * launches);
                if (swapped) {
                    once[i] = seconds(kernel, launches);
                }
            }
            double[] ratios = new double[PAIRS];
            for (int i = 0; i < PAIRS; i++) {
                ratios[i] = twice[i] / once[i];
            }
            Estimate ratio = OrderStatistics.median(ratios, CONFIDENCE);
            found.put("launches", launches)
                    .put("timeRatioOfTwice", Quantity.derived(ratio))
                    .samples("onceSeconds", once)
                    .samples("twiceSeconds", twice);
        }
        return time.has(0) ? found : found.incomplete();
    }

    private double seconds(Kernel kernel, int launches) {
        return bench.device().secondsPerLaunch(kernel, launches) * launches;
    }

    static Map<String, Object> compared(PairedComparison comparison) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ratio", Quantity.derived(comparison.ratio()));
        json.put("verdict", comparison.verdict());
        json.put("pairs", comparison.pairs());
        json.put("pairNoise", comparison.pairNoise());
        return json;
    }
}
