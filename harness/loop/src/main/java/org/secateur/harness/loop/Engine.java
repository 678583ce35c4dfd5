package org.secateur.harness.loop;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.Trainer;
import org.secateur.models.cuda.CudaTrainer;
import org.secateur.models.libtorch.InferencePass;
import org.secateur.models.libtorch.TorchTrainer;
import org.secateur.models.libtorch.TrainingStep;
import org.secateur.models.libtorch.Workers;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.cuda.SgdRule;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** What trains networks, and runs their whole steps to be measured. The one place that knows the engines. */
public sealed interface Engine {
    /** A trainer of a network at a step of a run; the caller closes it. */
    Trainer trainer(
            Network network,
            ModelState state,
            TrainingSettings settings,
            LearningRateSchedule schedule,
            long step,
            LongSupplier nanoTime);

    /** A training step as it is measured, with random numbers; the caller closes it. */
    Kernel step(Network network, int batch, long seed);

    /** An inference as it is measured, with random numbers; the caller closes it. */
    Kernel inference(Network network, int batch, long seed);

    /**
     * libtorch on the processor.
     *
     * @param workers other processes that share each training step; what is measured is measured in this one alone
     */
    record OnLibTorch(LibTorch libTorch, Optional<Workers> workers) implements Engine {
        /** Training in this process alone. */
        public OnLibTorch(LibTorch libTorch) {
            this(libTorch, Optional.empty());
        }

        @Override
        public Trainer trainer(
                Network network,
                ModelState state,
                TrainingSettings settings,
                LearningRateSchedule schedule,
                long step,
                LongSupplier nanoTime) {
            SgdStep optimizer = new SgdStep(settings.momentum(), settings.weightDecay());
            TorchTrainer alone = new TorchTrainer(libTorch, network, state, optimizer, schedule, step, nanoTime);
            return workers.map(others -> others.share(alone, optimizer)).orElse(alone);
        }

        @Override
        public Kernel step(Network network, int batch, long seed) {
            return new TrainingStep(libTorch, network, batch, 0, seed);
        }

        @Override
        public Kernel inference(Network network, int batch, long seed) {
            return new InferencePass(libTorch, network, batch, seed);
        }
    }

    /** cuDNN on a GPU, in FP32 and NCHW. Whole steps are measured as lowered programs, on the device's own numbers. */
    record OnCudnn(CudaDevice device) implements Engine {
        @Override
        public Trainer trainer(
                Network network,
                ModelState state,
                TrainingSettings settings,
                LearningRateSchedule schedule,
                long step,
                LongSupplier nanoTime) {
            return new CudaTrainer(
                    device,
                    network,
                    state,
                    settings.batch(),
                    now -> new SgdRule(settings.momentum(), settings.weightDecay(), schedule.learningRate(now)),
                    step,
                    nanoTime);
        }

        @Override
        public Kernel step(Network network, int batch, long seed) {
            return device.open(Lowering.training(network, batch, DataType.F32, Layout.NCHW));
        }

        @Override
        public Kernel inference(Network network, int batch, long seed) {
            return device.open(Lowering.inference(network, batch, DataType.F32, Layout.NCHW));
        }
    }
}
