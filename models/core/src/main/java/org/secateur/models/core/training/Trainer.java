package org.secateur.models.core.training;

import org.secateur.models.core.data.Batches;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.results.core.SecateurException;

/**
 * Trains a network in FP32: cross entropy or what its {@link Recipe} makes of it, PruneTrain's group lasso, and stochastic
 * gradient descent with momentum and weight decay on every parameter, batch norms and biases included. Recipe, optimizer
 * and the course of the learning rate are fixed when it is opened. Used by one thread; whoever opens it closes it.
 */
public interface Trainer extends AutoCloseable {
    /** The network as it is now. */
    Network network();

    /** A copy of the numbers as they are now, momentum included. */
    ModelState state();

    /** Finished steps of the run. */
    long step();

    /** The weight of the group lasso; 0 at first. */
    double lambda();

    /**
     * Sets the weight of the group lasso; 0 leaves it out, at no cost.
     *
     * @throws IllegalArgumentException when it is below 0 or infinite
     */
    void lambda(double value);

    /** The group lasso of the present weights, without lambda. */
    double groupLasso();

    /**
     * Goes on with another network and its numbers, momentum included: surgery in the running process. Step, learning
     * rates and lambda stay.
     *
     * @throws IllegalArgumentException when the state does not fit the network; the trainer is then as it was
     */
    void reconfigure(Network network, ModelState state);

    /**
     * Does one step on a batch.
     *
     * @param images normalised pixels, {@code [n, channels, height, width]}
     * @param labels their n classes, from 0
     * @throws SecateurException when the loss is no number any more
     */
    StepRecord trainStep(float[] images, long[] labels);

    /**
     * Does one step on every batch.
     *
     * @throws SecateurException when the loss is no number any more
     */
    EpochRecord trainEpoch(Batches batches);

    /** Classifies every image in evaluation mode; nothing changes. */
    Evaluation evaluate(Batches batches);

    /**
     * The mean loss of a batch in training mode, without the group lasso, as the first step on it would report; nothing changes. What
     * calibrating lambda needs.
     */
    double trainingLoss(float[] images, long[] labels);

    @Override
    void close();
}
