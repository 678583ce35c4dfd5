package org.secateur.models.libtorch;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.secateur.models.core.data.BatchQueue;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.Divergence;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.Recipe;
import org.secateur.models.core.training.Scores;
import org.secateur.models.core.training.StepRecord;
import org.secateur.models.core.training.Trainer;
import org.secateur.profilers.libtorch.HostTensors;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.SgdStep;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.profilers.libtorch.TorchOperations;

/**
 * Trains a network on the CPU. The same network, numbers, batches, step and threads give the same bits. A step whose
 * loss is no number leaves the parameters as they were.
 */
public final class TorchTrainer implements Trainer {
    /** Takes what other processes do of a batch. */
    interface Sharing {
        /** How many of the first {@code count} images this process does, from the front. */
        int keep(float[] images, long[] labels, int count);
    }

    private final SgdStep optimizer;
    private final LearningRateSchedule schedule;
    private final TorchRecipe recipe;
    private final LongSupplier nanoTime;
    private final CallClock clock;
    private TorchNetwork torch;
    private PointerScope regulariserScope;
    private GroupLasso regulariser;
    private BatchTensors batch;
    private Sharing sharing = (images, labels, count) -> count;
    private Optional<ProcessGroup> group = Optional.empty();
    private Optional<SharedBatchNorm> sharedNorm = Optional.empty();
    private double lambda;
    private long step;
    private long regulariserNanos;

    /** A trainer by the plain recipe, at a step of a run, with lambda 0. */
    public TorchTrainer(
            LibTorch libTorch,
            Network network,
            ModelState state,
            SgdStep optimizer,
            LearningRateSchedule schedule,
            long step,
            LongSupplier nanoTime,
            TensorFormat format) {
        this(libTorch, network, state, Recipe.PLAIN, optimizer, schedule, step, nanoTime, format);
    }

    /**
     * A trainer at a step of a run, with lambda 0.
     *
     * @param libTorch the loaded library; its denormal setting is made the calling thread's
     * @param state parameters, buffers, and momentum where the run has some already
     * @param recipe the loss, with a teacher of its own where it has one, and the limit of gradients
     * @param step how many steps the run has done
     * @param nanoTime a clock that counts nanoseconds, for example {@code System::nanoTime}
     * @param format of activations and weights in memory; the state is in row-major order all the same
     * @throws IllegalArgumentException when the state or the teacher does not fit the network
     */
    public TorchTrainer(
            LibTorch libTorch,
            Network network,
            ModelState state,
            Recipe recipe,
            SgdStep optimizer,
            LearningRateSchedule schedule,
            long step,
            LongSupplier nanoTime,
            TensorFormat format) {
        if (step < 0) {
            throw new IllegalArgumentException("step " + step + ": must be at least 0");
        }
        recipe.distillation().ifPresent(d -> d.requireFit(network));
        libTorch.prepareThread();
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.step = step;
        this.nanoTime = nanoTime;
        clock = new CallClock(nanoTime);
        torch = new TorchNetwork(network, state, format);
        this.recipe = new TorchRecipe(recipe, nanoTime, format);
        regulariserScope = new PointerScope();
        try (PointerScope opened = regulariserScope) {
            regulariser = new GroupLasso(torch);
            opened.extend();
        }
        batch = new BatchTensors(network.input(), 1, format);
    }

    /**
     * From here on does its share of each step only, and adds up gradients, the statistics of batch norms and what is seen
     * with a group.
     */
    void join(ProcessGroup others, Sharing shares) {
        group = Optional.of(others);
        sharedNorm = Optional.of(new SharedBatchNorm(others));
        sharing = shares;
    }

    SgdStep optimizer() {
        return optimizer;
    }

    Recipe recipe() {
        return recipe.recipe();
    }

    TensorFormat format() {
        return torch.format();
    }

    @Override
    public Network network() {
        return torch.network();
    }

    @Override
    public ModelState state() {
        return torch.state();
    }

    @Override
    public long step() {
        return step;
    }

    /** The rate of the next step. */
    public double learningRate() {
        return schedule.learningRate(step);
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
        return regulariser.value();
    }

    @Override
    public void reconfigure(Network network, ModelState state) {
        recipe.requireFit(network);
        TorchNetwork next = new TorchNetwork(network, state, torch.format());
        PointerScope nextScope = new PointerScope();
        GroupLasso nextRegulariser;
        try (PointerScope opened = nextScope) {
            nextRegulariser = new GroupLasso(next);
            opened.extend();
        }
        regulariserScope.close();
        torch.close();
        torch = next;
        regulariser = nextRegulariser;
        regulariserScope = nextScope;
        if (!network.input().equals(batch.shape())) {
            batch.close();
            batch = new BatchTensors(network.input(), 1, torch.format());
        }
    }

    @Override
    public StepRecord trainStep(float[] images, long[] labels) {
        int own = sharing.keep(images, labels, labels.length);
        return trainShare(images, labels, own, labels.length, learningRate());
    }

    /** One step of which this process does the first {@code own} of {@code whole} images. */
    @SuppressWarnings("try") // the scopes only have to be open
    StepRecord trainShare(float[] images, long[] labels, int own, int whole, double rate) {
        fill(images, labels, own);
        try (PointerScope scope = new PointerScope()) {
            return step(batch.images(own), batch.labels(own), labels, (float) own / whole, rate);
        }
    }

    @Override
    public EpochRecord trainEpoch(Batches batches) {
        try (BatchQueue queue = new BatchQueue(batches)) {
            return trainEpoch(batches, queue);
        }
    }

    @SuppressWarnings("try") // the scopes only have to be open
    private EpochRecord trainEpoch(Batches batches, BatchQueue queue) {
        float[] images = new float[batches.largestSize() * network().input().elements()];
        long[] labels = new long[batches.largestSize()];
        double[] seconds = new double[batches.count()];
        long insideBefore = clock.insideNanos();
        long regulariserBefore = regulariserNanos;
        long teacherBefore = recipe.teacherNanos();
        long dataNanos = 0;
        long stepNanos = 0;
        double loss = 0;
        int correct = 0;
        int seen = 0;
        for (int i = 0; i < seconds.length; i++) {
            long start = nanoTime.getAsLong();
            int count = queue.next(images, labels);
            int own = sharing.keep(images, labels, count);
            fill(images, labels, own);
            long filled = nanoTime.getAsLong();
            StepRecord record;
            try (PointerScope scope = new PointerScope()) {
                record = step(batch.images(own), batch.labels(own), labels, (float) own / count, learningRate());
            }
            long done = nanoTime.getAsLong();
            dataNanos += filled - start;
            stepNanos += done - filled;
            seconds[i] = (done - filled) / 1e9;
            loss += record.loss();
            correct += record.correct();
            seen += count;
        }
        long regularising = regulariserNanos - regulariserBefore;
        long teaching = recipe.teacherNanos() - teacherBefore;
        return new EpochRecord(
                loss / seconds.length,
                (double) correct / seen,
                seconds.length,
                seen,
                dataNanos / 1e9,
                (stepNanos - regularising - teaching) / 1e9,
                regularising / 1e9,
                teaching / 1e9,
                (clock.insideNanos() - insideBefore) / 1e9,
                seconds);
    }

    @Override
    public Evaluation evaluate(Batches batches) {
        try (BatchQueue queue = new BatchQueue(batches)) {
            return evaluate(batches, queue);
        }
    }

    @SuppressWarnings("try") // the scopes only have to be open
    private Evaluation evaluate(Batches batches, BatchQueue queue) {
        long start = nanoTime.getAsLong();
        float[] images = new float[batches.largestSize() * network().input().elements()];
        long[] labels = new long[batches.largestSize()];
        BitSet right = new BitSet();
        double loss = 0;
        int inFive = 0;
        int seen = 0;
        for (int i = 0; i < batches.count(); i++) {
            int count = queue.next(images, labels);
            fill(images, labels, count);
            try (NoGradGuard noGrad = new NoGradGuard();
                    PointerScope scope = new PointerScope()) {
                Tensor logits = torch.forward(batch.images(count), false, clock);
                loss += count
                        * (double) TorchOperations.crossEntropy(logits, batch.labels(count))
                                .item_float();
                float[] scores = HostTensors.floats(logits);
                for (int j = 0; j < count; j++) {
                    right.set(seen + j, Scores.winner(scores, j, network().classes()) == labels[j]);
                    inFive += Scores.isInFive(scores, j, network().classes(), labels[j]) ? 1 : 0;
                }
            }
            seen += count;
        }
        return new Evaluation(seen, loss / seen, right, inFive, (nanoTime.getAsLong() - start) / 1e9);
    }

    /** The logits {@code [n, classes]} of images {@code [n, channels, height, width]} in evaluation mode. */
    @SuppressWarnings("try") // the scopes only have to be open
    public float[] logits(float[] images) {
        int count = images.length / network().input().elements();
        fill(images, new long[count], count);
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            return HostTensors.floats(torch.forward(batch.images(count), false, clock));
        }
    }

    @Override
    @SuppressWarnings("try") // the scopes only have to be open
    public double trainingLoss(float[] images, long[] labels) {
        fill(images, labels, labels.length);
        List<float[]> statistics = torch.copyBuffers();
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            Tensor pixels = batch.images(labels.length);
            Tensor logits = torch.forward(pixels, true, clock);
            return recipe.loss(logits, batch.labels(labels.length), recipe.teach(pixels))
                    .item_float();
        } finally {
            torch.restoreBuffers(statistics);
        }
    }

    @Override
    public void close() {
        batch.close();
        regulariserScope.close();
        recipe.close();
        torch.close();
        sharedNorm.ifPresent(SharedBatchNorm::close);
    }

    /** One step on tensors of the caller's, whose labels stand in {@code classes} too. */
    StepRecord step(Tensor images, Tensor labels, long[] classes) {
        return step(images, labels, classes, 1, learningRate());
    }

    /** The same on a share of the batch's images, above 0 to 1, at a learning rate. */
    @SuppressWarnings("try") // the scopes only have to be open
    private StepRecord step(Tensor images, Tensor labels, long[] classes, float share, double rate) {
        float value;
        float[] scores;
        try (PointerScope scope = new PointerScope()) {
            Optional<Tensor> taught = recipe.teach(images);
            Tensor logits = sharedNorm.isPresent()
                    ? torch.forward(images, sharedNorm.get().begin(), clock)
                    : torch.forward(images, true, clock);
            long start = clock.now();
            Tensor loss = recipe.loss(logits, labels, taught);
            value = overall(share * loss.item_float());
            if (!Float.isFinite(value)) {
                throw Divergence.of("the loss is " + value, network(), step, rate, lambda);
            }
            backward(share < 1 ? loss.mul(new Scalar(share)) : loss);
            group.ifPresent(others -> others.sum(torch.parameters().gradients()));
            clock.insideSince(start);
            if (lambda > 0) {
                long regularising = nanoTime.getAsLong();
                regulariser.addGradient(lambda);
                regulariserNanos += nanoTime.getAsLong() - regularising;
            }
            start = clock.now();
            double norm = recipe.clip(torch.parameters());
            if (!Double.isFinite(norm)) {
                torch.parameters().gradients().zero_();
                throw Divergence.of("the gradient's norm is " + norm, network(), step, rate, lambda);
            }
            optimizer.apply(torch.parameters(), rate);
            scores = HostTensors.floats(logits);
            clock.insideSince(start);
        }
        step++;
        int correct = Scores.correct(scores, classes, network().classes());
        return new StepRecord(value, Math.round(overall(correct)));
    }

    private void backward(Tensor loss) {
        try {
            loss.backward();
        } catch (RuntimeException e) {
            throw sharedNorm.map(norm -> norm.failure(e)).orElse(e);
        }
    }

    /** The sum over all processes of a step. */
    private float overall(float own) {
        return group.map(others -> others.sum(own)).orElse(own);
    }

    /** Copies a batch to libtorch, into larger memory where it needs more than any before. */
    private void fill(float[] images, long[] labels, int count) {
        if (count > batch.capacity()) {
            batch.close();
            batch = new BatchTensors(network().input(), count, torch.format());
        }
        batch.fill(images, labels, count);
    }
}
