package org.secateur.profilers.cuda;

/** The factors of an {@link SgdRule} where cuDNN reads them at each call. */
final class SgdScalars {
    private final HostScalar momentum = new HostScalar();
    private final HostScalar weightDecay = new HostScalar();
    private final HostScalar minusRate = new HostScalar();

    SgdScalars(SgdRule rule) {
        set(rule);
    }

    void set(SgdRule rule) {
        momentum.set(rule.momentum());
        weightDecay.set(rule.weightDecay());
        minusRate.set(-rule.rate());
    }

    HostScalar momentum() {
        return momentum;
    }

    HostScalar weightDecay() {
        return weightDecay;
    }

    HostScalar minusRate() {
        return minusRate;
    }
}
