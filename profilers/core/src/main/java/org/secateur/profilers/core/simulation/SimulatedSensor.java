package org.secateur.profilers.core.simulation;

import java.util.function.DoubleBinaryOperator;
import java.util.random.RandomGenerator;

/** A sensor between the renewals: what it shows, and what it will show next. */
final class SimulatedSensor {
    /** Readings closer than this may disturb it. */
    private static final double QUIET_SECONDS = 0.02;

    /** A counter does not begin at zero: it has run since its driver was loaded. */
    private static final double FIRST_JOULES = 50_000;

    private final SensorModel model;
    private final RandomGenerator random;
    private double nextRenewal;
    private double nextAppears = Double.POSITIVE_INFINITY;
    private double nextWatts;
    private double nextJoules = FIRST_JOULES;
    private double watts;
    private double joules = FIRST_JOULES;
    private double lastRead = Double.NEGATIVE_INFINITY;
    private double loss;

    SimulatedSensor(SensorModel model, double now, RandomGenerator random) {
        this.model = model;
        this.random = random;
        this.nextRenewal = now + model.updateSeconds() * random.nextDouble();
    }

    double nextRenewal() {
        return nextRenewal;
    }

    /** Renews it where that is due; {@code meanWatts} gives the true mean power between two moments. */
    void advance(double now, DoubleBinaryOperator meanWatts) {
        if (now < nextRenewal) {
            return;
        }
        appear(nextRenewal);
        double end = nextRenewal - model.delaySeconds();
        double mean = meanWatts.applyAsDouble(end - model.windowSeconds(), end);
        double noisy = mean * (1 + model.noise() * random.nextGaussian());
        nextWatts = model.gain() * model.drift().applyAsDouble(nextRenewal) * noisy + model.offsetWatts();
        nextJoules += nextWatts * model.updateSeconds() * Math.max(0, 1 - loss);
        loss = 0;
        nextAppears = nextRenewal + 2 * model.jitterSeconds() * random.nextDouble();
        nextRenewal += model.updateSeconds();
    }

    private void appear(double now) {
        if (now >= nextAppears) {
            watts = nextWatts;
            joules = nextJoules;
            nextAppears = Double.POSITIVE_INFINITY;
        }
    }

    double watts(double now) {
        appear(now);
        return watts;
    }

    /** The total in whole millijoules, as such counters have it. */
    double joules(double now) {
        appear(now);
        if (now - lastRead < QUIET_SECONDS) {
            loss += model.lossPerRead();
        }
        lastRead = now;
        return Math.rint(joules * 1e3) / 1e3;
    }
}
