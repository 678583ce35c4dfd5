package org.secateur.models.libtorch;

import org.secateur.models.core.data.Batches;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.training.EpochRecord;
import org.secateur.models.core.training.Evaluation;
import org.secateur.models.core.training.StepRecord;
import org.secateur.models.core.training.Trainer;

/** A trainer whose steps are shared with other processes. What is only looked at, this process looks at alone. */
final class DataParallelTrainer implements Trainer {
    private final Workers workers;
    private final int id;
    private final TorchTrainer own;

    DataParallelTrainer(Workers workers, int id, TorchTrainer own) {
        this.workers = workers;
        this.id = id;
        this.own = own;
    }

    @Override
    public Network network() {
        return own.network();
    }

    @Override
    public ModelState state() {
        return own.state();
    }

    @Override
    public long step() {
        return own.step();
    }

    @Override
    public double lambda() {
        return own.lambda();
    }

    @Override
    public void lambda(double value) {
        own.lambda(value);
    }

    @Override
    public double groupLasso() {
        return own.groupLasso();
    }

    /** First here, where a state that does not fit is refused. */
    @Override
    public void reconfigure(Network network, ModelState state) {
        own.reconfigure(network, state);
        workers.reconfigure(id, network, state);
    }

    @Override
    public StepRecord trainStep(float[] images, long[] labels) {
        return own.trainStep(images, labels);
    }

    @Override
    public EpochRecord trainEpoch(Batches batches) {
        return own.trainEpoch(batches);
    }

    @Override
    public Evaluation evaluate(Batches batches) {
        return own.evaluate(batches);
    }

    @Override
    public double trainingLoss(float[] images, long[] labels) {
        return own.trainingLoss(images, labels);
    }

    @Override
    public void close() {
        try {
            workers.close(id);
        } finally {
            own.close();
        }
    }
}
