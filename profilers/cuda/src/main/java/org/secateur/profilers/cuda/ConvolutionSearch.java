package org.secateur.profilers.cuda;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Request;
import org.secateur.results.core.Workload;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * Chooses a convolution's algorithm. cuDNN's own search tells which there are; each is then timed several times, as the
 * row will be, because single timings are noisy and JCudnn does not hand over with which arithmetic the search took
 * them. The lowest median wins; of those within one percent the one with the smaller workspace, then the lower number.
 */
final class ConvolutionSearch {
    /** Fewer leave the winner of two close ones to chance. */
    static final int REPETITIONS = 5;

    private static final double TIE = 1.01;

    /** An algorithm that is so much slower in its first timing is not timed again. */
    private static final double HOPELESS = 2;

    /** What a timing lasts at least: four hundred times the resolution of events. */
    private static final double LEAST_SECONDS = 200e-6;

    private static final int MOST_LAUNCHES = 32;

    private final Planning planning;
    private final Workload workload;

    ConvolutionSearch(Planning planning, Workload workload) {
        this.planning = planning;
        this.workload = workload;
    }

    /**
     * Searches, which overwrites what the pass writes.
     *
     * @throws IllegalArgumentException when no algorithm can do it within the request
     */
    ConvolutionAlgorithm search(ConvolutionCalls calls, Operands operands) {
        Request request = planning.request();
        Gpu gpu = planning.gpu();
        long limit = Math.min(request.workspaceLimitBytes(), gpu.freeBytes() / 2);
        try (DeviceMemory workspace = new DeviceMemory(gpu, limit)) {
            Map<ConvolutionAlgorithm, List<Double>> times = new LinkedHashMap<>();
            for (ConvolutionAlgorithm algorithm : calls.algorithms(operands, workspace)) {
                if (algorithm.workspaceBytes() <= limit
                        && (algorithm.deterministic() || !request.deterministic())
                        && runs(calls, operands, algorithm, workspace)) {
                    times.put(algorithm, new ArrayList<>());
                }
            }
            Map<ConvolutionAlgorithm, Integer> launches = new LinkedHashMap<>();
            times.forEach((algorithm, list) -> {
                double seconds = seconds(calls, operands, algorithm, workspace, 1);
                launches.put(algorithm, (int) Math.clamp(Math.ceil(LEAST_SECONDS / seconds), 1, MOST_LAUNCHES));
                list.add(seconds);
            });
            double lowest = times.values().stream()
                    .mapToDouble(list -> list.get(0))
                    .min()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "workload " + workload.text() + ": cuDNN has no algorithm within " + request));
            times.values().removeIf(list -> list.get(0) > HOPELESS * lowest);
            times.values().forEach(List::clear);
            for (int i = 0; i < REPETITIONS; i++) {
                times.forEach((algorithm, list) ->
                        list.add(seconds(calls, operands, algorithm, workspace, launches.getOrDefault(algorithm, 1))));
            }
            return best(times);
        }
    }

    /** Whether it can be launched at all; the first launch also loads what it needs. */
    private boolean runs(
            ConvolutionCalls calls, Operands operands, ConvolutionAlgorithm algorithm, DeviceMemory workspace) {
        boolean started = calls.enqueue(operands, algorithm, workspace) == 0;
        planning.gpu().synchronize(); // a lost device is no missing algorithm
        return started;
    }

    private double seconds(
            ConvolutionCalls calls,
            Operands operands,
            ConvolutionAlgorithm algorithm,
            DeviceMemory workspace,
            int launches) {
        Launch launch = calls.launch(operands, algorithm, () -> workspace);
        Queueable single = new Queueable() {
            @Override
            public int launchesPerReplay() {
                return Integer.MAX_VALUE;
            }

            @Override
            public void launch() {
                launch.run();
            }

            @Override
            public void replay() {
                throw new IllegalStateException("there are no replays of single launches");
            }
        };
        return planning.timer().secondsPerLaunch(single, launches);
    }

    private static ConvolutionAlgorithm best(Map<ConvolutionAlgorithm, List<Double>> times) {
        Map<ConvolutionAlgorithm, Double> medians = new LinkedHashMap<>();
        times.forEach((algorithm, list) -> medians.put(
                algorithm,
                OrderStatistics.median(
                        list.stream().mapToDouble(Double::doubleValue).toArray())));
        double lowest = medians.values().stream().min(Comparator.naturalOrder()).orElseThrow();
        return medians.entrySet().stream()
                .filter(entry -> entry.getValue() <= TIE * lowest)
                .map(Map.Entry::getKey)
                .min(Comparator.comparingLong(ConvolutionAlgorithm::workspaceBytes)
                        .thenComparingInt(ConvolutionAlgorithm::number))
                .orElseThrow();
    }
}
