package org.secateur.models.cuda;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.data.BatchQueue;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.pruning.ChannelSlices;
import org.secateur.models.core.pruning.GroupLassoRule;
import org.secateur.models.core.training.Divergence;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.RegularisedWeight;
import org.secateur.models.core.training.Scores;
import org.secateur.models.core.training.StepRecord;
import org.secateur.models.core.training.Trainer;
import org.secateur.profilers.cuda.CudaDevice;
import org.secateur.profilers.cuda.CudaStep;
import org.secateur.profilers.cuda.SgdRule;

/**
 * Trains a network on a GPU by cuDNN, always on batches of one size. The numbers stay on the GPU from step to step;
 * surgery takes them to the host and its result back into new buffers. Steps are timed by the GPU's own clock, and what
 * an epoch took beyond them is what they waited for: the next batch is drawn while the GPU works.
 *
 * <p>A step whose loss is no number has moved the parameters all the same. The algorithms of cuDNN may give other bits
 * from run to run.
 */
public final class CudaTrainer implements Trainer {
    private final CudaDevice device;
    private final int batch;
    private final LongFunction<SgdRule> optimizer;
    private final LongSupplier nanoTime;
    private Network network;
    private CudaStep training;
    private @Nullable CudaStep inference;
    private double lambda;
    private long step;

    /**
     * A trainer at a step of a run, with lambda 0.
     *
     * @param device stays open until the trainer is closed
     * @param state parameters, buffers, and momentum where the run has some already
     * @param batch images of each step, at least 1
     * @param optimizer the rule of the step after so many finished ones
     * @param step how many steps the run has done
     * @param nanoTime a clock that counts nanoseconds, for example {@code System::nanoTime}
     * @throws IllegalArgumentException when the state does not fit the network, or cuDNN has no kernel for one of its
     *     layers
     */
    public CudaTrainer(
            CudaDevice device,
            Network network,
            ModelState state,
            int batch,
            LongFunction<SgdRule> optimizer,
            long step,
            LongSupplier nanoTime) {
        if (step < 0 || batch < 1) {
            throw new IllegalArgumentException(
                    "step " + step + " and batch " + batch + ": must be at least 0 and at least 1");
        }
        this.device = device;
        this.batch = batch;
        this.optimizer = optimizer;
        this.step = step;
        this.nanoTime = nanoTime;
        this.network = network;
        Parameters.requireFit(network, state);
        training = open(device, network, state, batch);
    }

    private static CudaStep open(CudaDevice device, Network network, ModelState state, int batch) {
        CudaStep opened = NetworkSteps.training(device, network, batch);
        try {
            DeviceNumbers.upload(network, state, opened);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public ModelState state() {
        return DeviceNumbers.download(network, training);
    }

    @Override
    public long step() {
        return step;
    }

    @Override
    public double lambda() {
        return lambda;
    }

    @Override
    public void lambda(double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("lambda " + value + ": must be at least 0");
        }
        lambda = value;
    }

    @Override
    public double groupLasso() {
        List<ChannelSlices> slices = new ArrayList<>();
        for (RegularisedWeight weight : RegularisedWeight.of(network)) {
            slices.addAll(weight.slices(training.read(weight.name())));
        }
        return GroupLassoRule.penalty(slices);
    }

    /** Lets the old buffers go before it makes the new ones: a GPU may not have room for both. */
    @Override
    public void reconfigure(Network next, ModelState state) {
        Parameters.requireFit(next, state);
        close();
        training = open(device, next, state, batch);
        network = next;
    }

    @Override
    public StepRecord trainStep(float[] images, long[] labels) {
        begin(images, labels);
        return end(labels).record();
    }

    @Override
    public EpochRecord trainEpoch(Batches batches) {
        try (BatchQueue queue = new BatchQueue(batches)) {
            return trainEpoch(batches, queue);
        }
    }

    private EpochRecord trainEpoch(Batches batches, BatchQueue queue) {
        float[] images = new float[batches.largestSize() * network.input().elements()];
        long[] labels = new long[batches.largestSize()];
        double[] seconds = new double[batches.count()];
        double stepSeconds = 0;
        double regulariserSeconds = 0;
        double loss = 0;
        int correct = 0;
        long start = nanoTime.getAsLong();
        queue.next(images, labels);
        for (int i = 0; i < seconds.length; i++) {
            begin(images, labels);
            long[] classes = labels.clone();
            if (i + 1 < seconds.length) {
                queue.next(images, labels);
            }
            Finished finished = end(classes);
            CudaStep.Times times = finished.times();
            stepSeconds += times.stepSeconds();
            regulariserSeconds += times.regulariserSeconds();
            seconds[i] = times.stepSeconds() + times.regulariserSeconds();
            loss += finished.record().loss();
            correct += finished.record().correct();
        }
        double total = (nanoTime.getAsLong() - start) / 1e9;
        int seen = seconds.length * batch;
        return new EpochRecord(
                loss / seconds.length,
                (double) correct / seen,
                seconds.length,
                seen,
                Math.max(0, total - stepSeconds - regulariserSeconds),
                stepSeconds,
                regulariserSeconds,
                0,
                stepSeconds,
                seconds);
    }

    /** A step that is done. */
    private record Finished(StepRecord record, CudaStep.Times times) {}

    private void begin(float[] images, long[] labels) {
        write(images, labels);
        training.train(optimizer.apply(step), lambda);
    }

    private void write(float[] images, long[] labels) {
        if (labels.length != batch) {
            throw new IllegalArgumentException(
                    "batch of " + labels.length + " images: this trainer's have " + batch + " each");
        }
        training.write(Network.INPUT, images);
        training.write(Lowering.LABELS, oneHot(labels));
    }

    private float[] oneHot(long[] labels) {
        int classes = network.classes();
        float[] rows = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("label " + labels[i] + ": expected 0 to " + (classes - 1));
            }
            rows[i * classes + (int) labels[i]] = 1;
        }
        return rows;
    }

    private Finished end(long[] labels) {
        CudaStep.Times times = training.await();
        float loss = training.read(Lowering.LOSS)[0];
        if (!Float.isFinite(loss)) {
            throw Divergence.of(
                    "the loss is " + loss, network, step, optimizer.apply(step).rate(), lambda);
        }
        step++;
        int correct = Scores.correct(training.read(Lowering.PROBABILITIES), labels, network.classes());
        return new Finished(new StepRecord(loss, correct), times);
    }

    @Override
    public Evaluation evaluate(Batches batches) {
        if (batches.largestSize() > batch) {
            throw new IllegalArgumentException(
                    "batches of " + batches.largestSize() + " images: this trainer's have at most " + batch);
        }
        try (BatchQueue queue = new BatchQueue(batches)) {
            return evaluate(batches, queue);
        }
    }

    private Evaluation evaluate(Batches batches, BatchQueue queue) {
        long start = nanoTime.getAsLong();
        CudaStep pass = inference();
        String logits = NetworkSteps.logits(network);
        float[] images = new float[batch * network.input().elements()];
        long[] labels = new long[batch];
        BitSet right = new BitSet();
        double loss = 0;
        int inFive = 0;
        int seen = 0;
        for (int i = 0; i < batches.count(); i++) {
            int count = queue.next(images, labels); // what follows the last image is of no account
            pass.write(Network.INPUT, images);
            pass.run();
            float[] scores = pass.read(logits);
            for (int j = 0; j < count; j++) {
                loss += Scores.crossEntropy(scores, j, network.classes(), labels[j]);
                right.set(seen + j, Scores.winner(scores, j, network.classes()) == labels[j]);
                inFive += Scores.isInFive(scores, j, network.classes(), labels[j]) ? 1 : 0;
            }
            seen += count;
        }
        return new Evaluation(seen, loss / seen, right, inFive, (nanoTime.getAsLong() - start) / 1e9);
    }

    /** An inference with the present numbers. */
    private CudaStep inference() {
        CudaStep present = inference;
        if (present == null) {
            present = NetworkSteps.inference(device, network, batch);
            inference = present;
        }
        for (Parameters.Tensor tensor : Parameters.of(network)) {
            present.copy(training, tensor.name());
        }
        return present;
    }

    @Override
    public double trainingLoss(float[] images, long[] labels) {
        Map<String, float[]> statistics = new LinkedHashMap<>();
        for (Parameters.Tensor tensor : Parameters.of(network)) {
            if (tensor.kind() == Parameters.Kind.BUFFER) {
                statistics.put(tensor.name(), training.read(tensor.name()));
            }
        }
        write(images, labels);
        training.run();
        float loss = training.read(Lowering.LOSS)[0];
        statistics.forEach(training::write);
        return loss;
    }

    @Override
    public void close() {
        CudaStep present = inference;
        inference = null;
        try {
            if (present != null) {
                present.close();
            }
        } finally {
            training.close();
        }
    }
}
