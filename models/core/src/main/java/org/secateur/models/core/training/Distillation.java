package org.secateur.models.core.training;

import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;

/**
 * Learning from the answers of a trained network, the teacher (Hinton, Vinyals and Dean 2015, section 2). With the logits
 * z of the network and v of the teacher, which is in evaluation mode, the loss of an image is
 * {@code (1 - weight) * crossEntropy(label, softmax(z)) + weight * T^2 * KL(softmax(v / T) || softmax(z / T))}. T is the
 * temperature; its square keeps the gradient as long at any T. The divergence has the gradient of the paper's cross
 * entropy, and is 0 where both agree.
 *
 * @param teacher of the same images and classes
 * @param state the teacher's numbers
 * @param temperature above 0
 * @param weight above 0, at most 1
 */
public record Distillation(Network teacher, ModelState state, double temperature, double weight) {
    public Distillation {
        Parameters.requireFit(teacher, state);
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("temperature " + temperature + ": expected above 0");
        }
        if (!(weight > 0 && weight <= 1)) {
            throw new IllegalArgumentException("the teacher's weight " + weight + ": expected above 0, at most 1");
        }
    }

    /**
     * Checks that a network can learn from the teacher.
     *
     * @throws IllegalArgumentException when it takes other images or has other classes
     */
    public void requireFit(Network network) {
        if (!network.input().equals(teacher.input()) || network.classes() != teacher.classes()) {
            throw new IllegalArgumentException("teacher " + teacher.name() + " for images of "
                    + teacher.input().text() + " in " + teacher.classes() + " classes: " + network.name()
                    + " has images of " + network.input().text() + " in " + network.classes());
        }
    }
}
