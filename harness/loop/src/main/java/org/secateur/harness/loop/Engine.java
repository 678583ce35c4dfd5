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
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** What trains networks, and runs their whole steps to be measured. The one place that knows the engines. */
public sealed interface Engine {
    /** The type of activations, by which workloads are measured and planned. */
    DataType dataType();

    /** The order of tensors in memory, likewise. */
    Layout layout();

    /** A trainer of a network at a step of a run; the caller closes it. */
    Trainer trainer(
            Network network,
            ModelState state,
            TrainingSettings settings,
            LearningRateSchedule schedule,
            long step,
            LongSupplier nanoTime);

    /**
     * A training step as it is measured, with random numbers; without the group lasso and the teacher, which have accounts
     * of their own. The caller closes it.
     */
    Kernel step(Network network, TrainingSettings settings, long seed);

    /** An inference as it is measured, with random numbers; the caller closes it. */
    Kernel inference(Network network, int batch, long seed);

    /**
     * libtorch on the processor, with tensors of one format.
     *
     * @param workers other processes that share each training step; what is measured is measured in this one alone
     */
    record OnLibTorch(LibTorch libTorch, TensorFormat format, Optional<Workers> workers) implements Engine {
        @Override
        public DataType dataType() {
            return format.dataType();
        }

        @Override
        public Layout layout() {
            return format.layout();
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
            TorchTrainer alone = new TorchTrainer(
                    libTorch, network, state, settings.recipe(), optimizer, schedule, step, nanoTime, format);
            try {
                return workers.map(others -> others.share(alone)).orElse(alone);
            } catch (RuntimeException e) {
                alone.close();
                throw e;
            }
        }

        @Override
        public Kernel step(Network network, TrainingSettings settings, long seed) {
            return new TrainingStep(
                    libTorch, network, settings.batch(), 0, settings.recipe().withoutTeacher(), seed, format);
        }

        @Override
        public Kernel inference(Network network, int batch, long seed) {
            return new InferencePass(libTorch, network, batch, seed, format);
        }
    }

    /**
     * cuDNN on a GPU, in FP32 and NCHW, by the plain recipe only. Whole steps are measured as lowered programs, on the
     * device's own numbers.
     */
    record OnCudnn(CudaDevice device) implements Engine {
        @Override
        public DataType dataType() {
            return DataType.F32;
        }

        @Override
        public Layout layout() {
            return Layout.NCHW;
        }

        @Override
        public Trainer trainer(
                Network network,
                ModelState state,
                TrainingSettings settings,
                LearningRateSchedule schedule,
                long step,
                LongSupplier nanoTime) {
            if (!settings.recipe().isPlain()) {
                throw new IllegalArgumentException(
                        "the engine cudnn has no label smoothing, no limit of gradients and no teacher: use libtorch");
            }
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
        public Kernel step(Network network, TrainingSettings settings, long seed) {
            return device.open(Lowering.training(network, settings.batch(), dataType(), layout()));
        }

        @Override
        public Kernel inference(Network network, int batch, long seed) {
            return device.open(Lowering.inference(network, batch, dataType(), layout()));
        }
    }
}
