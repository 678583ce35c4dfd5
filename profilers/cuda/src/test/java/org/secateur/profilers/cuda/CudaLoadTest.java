package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.profilers.core.energy.HostTime;
import org.secateur.profilers.core.energy.Load;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** A load on the stand-in, whose clock is the host's. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class CudaLoadTest {
    private static final Workload WORKLOAD = Workload.of(new Activation(2, 2, 2, 2, ActivationKind.RELU), Pass.FORWARD);

    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
        // A launch takes 128 bytes / 128e3 bytes a second: 1 ms, and nothing else takes time on the device.
        standIn.world("bytes_per_second 128e3", "launch_seconds 0", "node_seconds 0", "call_seconds 1e-5");
    }

    @AfterEach
    void nothingIsLeft() {
        standIn.world();
        assertThat(standIn.live()).isZero();
    }

    @Test
    void itsProgressIsThatOfTheDeviceAndHasNoGap() {
        HostTime time = standIn.time();
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = (WorkloadKernel) device.open(WorkloadKey.cold(WORKLOAD));
                CudaLoad load = device.load(kernel, time)) {
            load.run(0.5);
            double from = time.seconds();
            load.run(0.7);
            load.run(0.003);
            double to = time.seconds();
            load.run(0.2);
            load.finish();
            Load.Progress start = load.at(from);
            Load.Progress end = load.at(to);
            assertThat(to - from).isGreaterThanOrEqualTo(0.703);
            assertThat(end.launches() - start.launches()).isCloseTo((to - from) / 1e-3, within(0.2));
            assertThat(end.busySeconds() - start.busySeconds()).isCloseTo(to - from, within(1e-4));
            assertThat(end.deviceSeconds() - start.deviceSeconds()).isCloseTo(to - from, within(1e-4));
        }
    }

    @Test
    void aDeviceThatHadToWaitWasNotBusy() {
        HostTime time = standIn.time();
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = (WorkloadKernel) device.open(WorkloadKey.cold(WORKLOAD));
                CudaLoad load = device.load(kernel, time)) {
            load.run(0.5);
            double from = time.seconds();
            time.sleep(1); // longer than what is queued
            load.run(0.5);
            double to = time.seconds();
            load.finish();
            double busy = load.at(to).busySeconds() - load.at(from).busySeconds();
            assertThat(busy).isBetween(0.5, to - from - 0.5);
        }
    }
}
