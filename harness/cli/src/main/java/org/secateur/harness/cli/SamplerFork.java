package org.secateur.harness.cli;

import java.util.List;
import java.util.Map;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Block;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/**
 * The sampler in a JVM of its own. A JVM that has used libtorch is no place to wait for others in: its OpenMP threads go
 * on spinning under the ACTIVE policy.
 */
public final class SamplerFork {
    private SamplerFork() {}

    /**
     * Measures a workload thoroughly and prints the median of each block, in seconds per launch, on a line of its own.
     *
     * @param args device, seed, workload as canonical text
     */
    public static void main(String[] args) {
        try (Device device = DeviceProvider.openDevice(args[0])) {
            WorkloadKey key = WorkloadKey.cold(Workload.parse(args[2]));
            new Sampler(SamplerOptions.thorough(), Surroundings.host(), Sampler.NO_ENERGY, Long.parseLong(args[1]))
                    .time(device, () -> device.open(key)).blocks().stream()
                            .map(Block::medianSeconds)
                            .forEach(System.out::println);
        }
    }

    /**
     * The medians of a workload's blocks, in seconds per launch, measured in a fresh JVM.
     *
     * @throws SecateurException when that JVM fails, which says why on standard error
     */
    static List<Double> medians(String device, String workload, long seed) {
        return ForkedJvm.lines(
                        "the sampler",
                        SamplerFork.class,
                        List.of(),
                        Map.of(),
                        List.of(device, Long.toString(seed), workload))
                .stream()
                .map(Double::valueOf)
                .toList();
    }
}
