package org.secateur.harness.loop;

import java.util.EnumMap;
import java.util.Map;

/** Where the seconds of one training went, by part. Used by one thread. */
public final class TimeAccount {
    /** The parts that are told apart. */
    public enum Part {
        /** Drawing, augmenting and copying batches. */
        DATA(true),
        /** Forward, backward and optimizer, of the network that is trained. */
        STEPS(true),
        /** The group lasso's gradients. */
        REGULARISER(true),
        /** The forward passes of a network that is learned from. */
        TEACHER(true),
        /** Measuring which layout of tensors trains faster. */
        CHOOSING(true),
        /** Measuring the dense step and the rows that plans are made of. */
        MEASURING(true),
        /** Measuring the step after each surgery, in pairs. */
        VERIFYING(true),
        /** Planning and surgery. */
        RECONFIGURING(true),
        /** Test accuracy after each epoch; not counted as training. */
        EVALUATION(false);

        private final boolean training;

        Part(boolean training) {
            this.training = training;
        }
    }

    private final EnumMap<Part, Double> seconds = new EnumMap<>(Part.class);

    /** An empty account. */
    public TimeAccount() {
        for (Part part : Part.values()) {
            seconds.put(part, 0.0);
        }
    }

    /** An account continued from what an earlier one held. */
    public TimeAccount(Map<Part, Double> earlier) {
        this();
        earlier.forEach(this::add);
    }

    /** Books seconds on a part. */
    public void add(Part part, double spent) {
        if (!(spent >= 0)) {
            throw new IllegalArgumentException(spent + " s on " + part + ": time never runs backwards");
        }
        seconds.merge(part, spent, Double::sum);
    }

    /** The seconds of each part. */
    public Map<Part, Double> parts() {
        return Map.copyOf(seconds);
    }

    /** All training: everything but evaluation. */
    public double trainSeconds() {
        return seconds.entrySet().stream()
                .filter(e -> e.getKey().training)
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
