package org.secateur.harness.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Block;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/**
 * The sampler in a JVM of its own, which has this one's arguments, class path and environment, as JMH's forks have. A JVM
 * that has used libtorch is no place to wait for others in: its OpenMP threads go on spinning under the ACTIVE policy.
 */
public final class SamplerFork {
    private SamplerFork() {}

    /**
     * Measures a workload thoroughly and prints the median of each block, in seconds per launch, on a line of its own.
     *
     * @param args device, workload as canonical text, seed
     */
    public static void main(String[] args) {
        try (Device device = DeviceProvider.openDevice(args[0])) {
            WorkloadKey key = WorkloadKey.cold(Workload.parse(args[1]));
            new Sampler(SamplerOptions.thorough(), Surroundings.host(), Sampler.NO_ENERGY, Long.parseLong(args[2]))
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
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path", ""),
                SamplerFork.class.getName(),
                device,
                workload,
                Long.toString(seed)));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            List<Double> medians = new ArrayList<>();
            try (BufferedReader lines = process.inputReader()) {
                lines.lines().map(Double::valueOf).forEach(medians::add);
            }
            if (process.waitFor() == 0 && !medians.isEmpty()) {
                return medians;
            }
            throw failure(workload, new IOException("it ended with exit code " + process.waitFor()));
        } catch (IOException e) {
            throw failure(workload, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(workload, e);
        }
    }

    private static SecateurException failure(String workload, Exception cause) {
        return new SecateurException(
                ExitCode.FAILED,
                "the sampler failed in a JVM of its own: " + cause.getMessage(),
                workload,
                "see above what it printed",
                cause);
    }
}
