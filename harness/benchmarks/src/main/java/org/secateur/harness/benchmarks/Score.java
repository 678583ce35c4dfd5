package org.secateur.harness.benchmarks;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What JMH found of one benchmark with one set of parameters.
 *
 * @param benchmark class and method, for example {@code ConvolutionBenchmark.launch}
 * @param parameters by name, in the benchmark's order
 * @param mode JMH's short name of it, for example {@code avgt}
 * @param forks how many JVMs ran it; 0 when it ran in this one
 * @param secondsPerOperation of each iteration of every fork; in the throughput mode of all threads together
 * @param profiles what profilers added, by their label
 */
public record Score(
        String benchmark,
        Map<String, String> parameters,
        String mode,
        int forks,
        List<Double> secondsPerOperation,
        Map<String, Profile> profiles) {
    public Score {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        secondsPerOperation = List.copyOf(secondsPerOperation);
        profiles = Collections.unmodifiableMap(new LinkedHashMap<>(profiles));
    }

    /**
     * What a profiler added to each iteration.
     *
     * @param values NaN where it could not measure
     */
    public record Profile(String unit, List<Double> values) {
        public Profile {
            values = List.copyOf(values);
        }
    }
}
