package org.secateur.harness.cli;

import java.util.function.Supplier;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.InferencePass;
import org.secateur.models.libtorch.PlainStep;
import org.secateur.models.libtorch.TrainingStep;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.LibTorch;

/**
 * Whole steps and inferences as kernels: on a processor the trainer's own, on a GPU real ones with their flow of data,
 * elsewhere their launches in turn.
 */
final class WholeKernels {
    private WholeKernels() {}

    /** What a whole step is on a device: a real {@code step}, or a {@code replay} of its launches. */
    static String by(Device device) {
        return isTrained(device) || device.kind().equals("cuda") ? "step" : "replay";
    }

    /** Whether steps are the trainer's. */
    private static boolean isTrained(Device device) {
        return device.kind().equals("cpu");
    }

    static Supplier<Kernel> step(Device device, Network network, int batch, long seed, Arithmetic arithmetic) {
        return isTrained(device)
                ? () -> new TrainingStep(LibTorch.load(), network, batch, 0, seed, arithmetic.tensorFormat())
                : () -> device.open(arithmetic.training(network, batch));
    }

    /** The trainer's steps, and the same networks' steps straight by libtorch. */
    static Throughput.Steps throughput(LibTorch libTorch, long seed) {
        return new Throughput.Steps() {
            @Override
            public Kernel engine(Throughput.Subject subject, Arithmetic arithmetic) {
                return new TrainingStep(
                        libTorch, network(subject), subject.batch(), 0, seed, arithmetic.tensorFormat());
            }

            @Override
            public Kernel plain(Throughput.Subject subject) {
                return new PlainStep(libTorch, network(subject), subject.batch(), seed);
            }
        };
    }

    private static Network network(Throughput.Subject subject) {
        return MemoryFork.network(subject.network(), subject.side());
    }

    static Supplier<Kernel> inference(Device device, Network network, int batch, long seed, Arithmetic arithmetic) {
        return isTrained(device)
                ? () -> new InferencePass(LibTorch.load(), network, batch, seed, arithmetic.tensorFormat())
                : () -> device.open(arithmetic.inference(network, batch));
    }
}
