package org.secateur.harness.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * The phase that times the same convolutions here and under PyTorch, in turns: half precision, channels last, PyTorch's
 * own search for algorithms, and on both sides graphs of launches between events. PyTorch runs in a process of its own,
 * of the Python that {@code SECATEUR_PYTHON} names, else {@code python3}.
 */
final class GpuTorchPhase {
    private static final String SCRIPT = "torch_convolutions.py";
    private static final int CONVOLUTIONS = 40;
    private static final int BATCH = 32;

    /** Rounds over all convolutions: eight pairs admit an interval of 99 %, six one of 96 %. */
    private static final int ROUNDS = 8;

    private static final int LEAST_ROUNDS = 6;

    /** A timing on each side, of some milliseconds, with what goes around it. */
    private static final double PAIR_SECONDS = 0.05;

    private static final double CONFIDENCE = 0.95;

    /** What is asked for: half of the ratios at most the first, and few beyond the second with all of their interval. */
    private static final double MEDIAN_RATIO = 1.02;

    private static final double BEYOND = 1.05;
    private static final int MOST_BEYOND = 2;

    private final GpuBench bench;

    GpuTorchPhase(GpuBench bench) {
        this.bench = bench;
    }

    /** The first distinct convolutions of some networks. */
    private static List<Convolution> convolutions() {
        Set<Convolution> all = new LinkedHashSet<>();
        for (String name : List.of("resnet50", "vgg16", "resnet18", "mobilenetv1", "alexnet")) {
            GpuBench.HALF.inference(Zoo.network(name), BATCH).instructions().forEach(instruction -> {
                if (instruction.workload().operation() instanceof Convolution o) {
                    all.add(o);
                }
            });
        }
        return all.stream().limit(CONVOLUTIONS).toList();
    }

    GpuFindings compare(Countdown time) {
        List<Convolution> convolutions = convolutions();
        try (Torch torch = Torch.start(
                bench.environment("SECATEUR_PYTHON", "python3"), bench.device().id(), convolutions, time)) {
            GpuFindings found = new GpuFindings().put("versions", torch.versions());
            Side side = new Side(bench, torch, convolutions);
            try {
                side.measure(time);
            } finally {
                side.close();
            }
            return side.told(found);
        } catch (IOException e) {
            throw SecateurException.environment(
                    "Python cannot be used: " + e.getMessage(), "python3", "install Python 3 with PyTorch");
        }
    }

    /** Our kernels, and the times of both sides. */
    private static final class Side {
        private final GpuBench bench;
        private final Torch torch;
        private final List<Convolution> convolutions;
        private final Map<Integer, Kernel> kernels = new LinkedHashMap<>();
        private final Map<Integer, Integer> launches = new LinkedHashMap<>();
        private final Map<Integer, List<Double>> ours = new LinkedHashMap<>();
        private final Map<Integer, List<Double>> theirs = new LinkedHashMap<>();
        private final List<String> refused = new ArrayList<>();

        Side(GpuBench bench, Torch torch, List<Convolution> convolutions) {
            this.bench = bench;
            this.torch = torch;
            this.convolutions = convolutions;
        }

        void measure(Countdown time) throws IOException {
            for (int i = 0; i < convolutions.size() && time.has(ROUNDS * PAIR_SECONDS * (kernels.size() + 1)); i++) {
                open(i);
            }
            double longest = 0;
            Random random = new Random(bench.seed());
            for (int round = 0; round < ROUNDS && time.has(longest); round++) {
                double left = time.left();
                List<Integer> order = new ArrayList<>(kernels.keySet());
                Collections.shuffle(order, random);
                for (int i : order) {
                    pair(i, random.nextBoolean());
                }
                longest = Math.max(longest, left - time.left());
            }
        }

        private void open(int i) throws IOException {
            try {
                Kernel kernel = bench.device().open(GpuBench.hot(convolutions.get(i)));
                kernels.put(i, kernel);
                launches.put(i, bench.launches(kernel));
                torch.seconds(i); // searches and captures
            } catch (IllegalArgumentException e) {
                refused.add(convolutions.get(i) + ": " + e.getMessage());
                Kernel kernel = kernels.remove(i);
                if (kernel != null) {
                    kernel.close();
                }
            }
        }

        private void pair(int i, boolean swapped) throws IOException {
            double first = swapped ? torch.seconds(i) : own(i);
            double second = swapped ? own(i) : torch.seconds(i);
            ours.computeIfAbsent(i, place -> new ArrayList<>()).add(swapped ? second : first);
            theirs.computeIfAbsent(i, place -> new ArrayList<>()).add(swapped ? first : second);
        }

        private double own(int i) {
            Kernel kernel = kernels.get(i);
            if (kernel == null) {
                throw new IllegalStateException("convolution " + i + " is not open");
            }
            return bench.device().secondsPerLaunch(kernel, launches.getOrDefault(i, 1));
        }

        GpuFindings told(GpuFindings found) {
            List<Object> each = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            int beyond = 0;
            for (int i : kernels.keySet()) {
                double[] here = array(ours.getOrDefault(i, List.of()));
                double[] there = array(theirs.getOrDefault(i, List.of()));
                if (here.length < LEAST_ROUNDS) {
                    found.incomplete();
                    continue;
                }
                PairedComparison comparison =
                        PairedComparison.of(there, here, PairedComparison.LEAST_DELTA, CONFIDENCE);
                ratios.add(comparison.ratio().value());
                beyond += comparison.ratio().low() > BEYOND ? 1 : 0;
                Map<String, Object> json = new LinkedHashMap<>();
                json.put(
                        "workload", GpuBench.hot(convolutions.get(i)).workload().text());
                json.put("torchSeconds", OrderStatistics.median(there));
                json.put("seconds", OrderStatistics.median(here));
                json.putAll(GpuPhases.compared(comparison));
                each.add(json);
                found.samples(i + ".seconds", here).samples(i + ".torchSeconds", there);
            }
            if (kernels.size() + refused.size() < convolutions.size()) {
                found.incomplete();
            }
            found.put("convolutions", each).put("refused", refused);
            if (ratios.isEmpty()) {
                return found.put("medianRatio", Quantity.unavailable("no convolution was timed often enough"));
            }
            Estimate median = OrderStatistics.median(array(ratios), CONFIDENCE);
            return found.put("medianRatio", Quantity.derived(median))
                    .put("beyond", beyond)
                    .put("compared", ratios.size())
                    .put(
                            "met",
                            ratios.size() == convolutions.size()
                                    ? median.value() <= MEDIAN_RATIO && beyond <= MOST_BEYOND
                                    : Quantity.unavailable(
                                            ratios.size() + " of " + convolutions.size() + " were compared"));
        }

        private static double[] array(List<Double> values) {
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }

        void close() {
            kernels.values().forEach(Kernel::close);
        }
    }

    /** PyTorch in a process of its own, which ends with its input. */
    private record Torch(Process process, BufferedReader out, Writer in, String versions) implements AutoCloseable {
        private static final int END_SECONDS = 3;

        /** Starts it; when the time is up it is ended, so that nobody waits for its answers any longer. */
        static Torch start(String python, String device, List<Convolution> convolutions, Countdown time)
                throws IOException {
            Process process = new ProcessBuilder(python, "-u", "-c", script(), device, json(convolutions))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            CompletableFuture.delayedExecutor(Math.round(1e3 * time.left()), TimeUnit.MILLISECONDS)
                    .execute(process::destroyForcibly);
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            String line = out.readLine();
            if (line == null || !line.startsWith("ready ")) {
                process.destroyForcibly();
                throw SecateurException.environment(
                        "PyTorch cannot be used: " + (line == null ? "Python ended" : line),
                        python,
                        "install PyTorch for this GPU, or name a Python that has it with SECATEUR_PYTHON");
            }
            return new Torch(
                    process, out, process.outputWriter(StandardCharsets.UTF_8), line.substring("ready ".length()));
        }

        private static String script() {
            try (InputStream in = GpuTorchPhase.class.getResourceAsStream(SCRIPT)) {
                if (in == null) {
                    throw new IllegalStateException("the resource " + SCRIPT + " is missing");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String json(List<Convolution> convolutions) {
            return convolutions.stream()
                    .map(Torch::numbers)
                    .map(Arrays::toString)
                    .toList()
                    .toString();
        }

        private static int[] numbers(Convolution o) {
            int[] sizes = {o.n(), o.c(), o.h(), o.w(), o.k(), o.r(), o.s()};
            int[] extents = List.of(o.stride(), o.padding(), o.dilation()).stream()
                    .flatMapToInt(Torch::both)
                    .toArray();
            return IntStream.concat(
                            IntStream.concat(Arrays.stream(sizes), Arrays.stream(extents)), IntStream.of(o.groups()))
                    .toArray();
        }

        private static IntStream both(Extent extent) {
            return IntStream.of(extent.height(), extent.width());
        }

        /**
         * The seconds of one launch of a convolution.
         *
         * @throws IllegalArgumentException when PyTorch refuses it
         */
        double seconds(int place) throws IOException {
            in.write(place + "\n");
            in.flush();
            String line = out.readLine();
            if (line == null) {
                throw new SecateurException(
                        ExitCode.FAILED, "PyTorch's process ended", "python3", "see whether the GPU has memory left");
            }
            if (line.startsWith("failed ")) {
                throw new IllegalArgumentException("PyTorch: " + line);
            }
            return Double.parseDouble(line);
        }

        @Override
        public void close() {
            try { // what follows must have the GPU for itself
                process.destroyForcibly().waitFor(END_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
