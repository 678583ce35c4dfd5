package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** Timing by the stand-in's virtual clock, which knows what a launch takes and when the host is too slow. */
@Tag("native")
@SuppressWarnings("NullAway.Init") // set before each test
class EventTimerTest {
    /** 4 * 4 * 9 * 8 * 16 multiply-accumulates at half the time of a plain algorithm. */
    private static final double WINOGRAD_SECONDS = 4 * 4 * 9 * 8 * 16 * 0.5 / 1e9;

    private StandIn standIn;

    @BeforeEach
    void world() {
        standIn = StandIn.loaded();
    }

    @AfterEach
    void nothingIsLeft() {
        standIn.world();
        assertThat(standIn.live()).isZero();
    }

    private static Workload convolution(int outputs) {
        Extent one = Extent.of(1);
        return Workload.of(new Convolution(1, 8, 4, 4, outputs, 3, 3, one, one, one, 1), Pass.FORWARD);
    }

    private static WorkloadKernel open(CudaDevice device, Workload workload, Regime regime) {
        return (WorkloadKernel) device.open(new WorkloadKey(workload, regime, Request.DEFAULT));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 31, 32, 64, 640})
    void aLaunchTakesWhatTheDeviceTakesWhateverTheHostDoesMeanwhile(int launches) {
        standIn.world("macs_per_second 1e9", "launch_seconds 0", "node_seconds 0", "call_seconds 1e-6");
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = open(device, convolution(16), Regime.HOT)) {
            assertThat(device.secondsPerLaunch(kernel, launches))
                    .isCloseTo(WINOGRAD_SECONDS, within(1e-6 * WINOGRAD_SECONDS));
        }
    }

    @Test
    void launchesOfAGraphCostNoGap() {
        standIn.world("macs_per_second 1e9", "launch_seconds 1e-4", "node_seconds 0");
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = open(device, convolution(16), Regime.HOT)) {
            int each = kernel.launchesPerReplay();
            assertThat(each).isGreaterThanOrEqualTo(32);
            double expected = WINOGRAD_SECONDS + 1e-4 / each;
            assertThat(device.secondsPerLaunch(kernel, 3 * each)).isCloseTo(expected, within(1e-6 * expected));
        }
    }

    @Test
    void wholeReplaysAreTimedWhereTheyFit() {
        standIn.world();
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = open(device, convolution(16), Regime.HOT)) {
            int each = kernel.launchesPerReplay();
            assertThat(device.launchesPerTiming(kernel, 1)).isEqualTo(1);
            assertThat(device.launchesPerTiming(kernel, each - 1)).isEqualTo(each - 1);
            assertThat(device.launchesPerTiming(kernel, each + 1)).isEqualTo(2 * each);
        }
    }

    @Test
    void twiceTheLaunchesTakeTwiceTheTime() {
        standIn.world();
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = open(device, convolution(16), Regime.COLD)) {
            int each = kernel.launchesPerReplay();
            double once = device.secondsPerLaunch(kernel, each) * each;
            double twice = device.secondsPerLaunch(kernel, 2 * each) * 2 * each;
            assertThat(twice / once).isCloseTo(2, within(0.01));
        }
    }

    @Test
    void theStaircaseOfTheDeviceIsSeen() {
        standIn.world("tile_k 16", "launch_seconds 0", "node_seconds 0", "cliff_k 48", "cliff_factor 2");
        try (CudaDevice device = standIn.device()) {
            double[] seconds = new double[65];
            for (int k : new int[] {32, 33, 48, 49, 64}) {
                try (WorkloadKernel kernel = open(device, convolution(k), Regime.HOT)) {
                    seconds[k] = device.secondsPerLaunch(kernel, 64);
                }
            }
            assertThat(seconds[33]).isCloseTo(1.5 * seconds[32], within(1e-3 * seconds[32]));
            assertThat(seconds[48]).isCloseTo(seconds[33], within(1e-3 * seconds[33]));
            assertThat(seconds[49]).isCloseTo(seconds[48] * 2 * 4 / 3, within(1e-3 * seconds[48]));
            assertThat(seconds[64]).isCloseTo(seconds[49], within(1e-3 * seconds[49]));
        }
    }

    @Test
    void aTimingIntoWhichTheHostsDelayEnteredIsThrownAway() {
        standIn.world("macs_per_second 1e15", "call_seconds 1e-3");
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = open(device, convolution(16), Regime.HOT)) {
            // What is queued behind the gate is right even for so slow a host.
            assertThat(device.secondsPerLaunch(kernel, 64)).isLessThan(1e-5);
            assertThatThrownBy(() -> device.secondsPerLaunch(kernel, 640))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("fast enough");
        }
    }

    @Test
    void whereStreamsCannotWaitCopiesHoldThem() {
        standIn.world(
                "no_wait_value 1",
                "macs_per_second 1e9",
                "launch_seconds 0",
                "node_seconds 0",
                "bytes_per_second 1e10",
                "call_seconds 5e-4");
        try (CudaDevice device = standIn.device();
                WorkloadKernel kernel = open(device, convolution(16), Regime.HOT)) {
            // One copy holds for 13 ms, the host needs 16: the second attempt succeeds.
            assertThat(device.secondsPerLaunch(kernel, 31))
                    .isCloseTo(WINOGRAD_SECONDS, within(1e-6 * WINOGRAD_SECONDS));
        }
    }

    @Test
    void coldKernelsRotateThroughTwiceTheCacheAndHotOnesStay() {
        standIn.world("l2_bytes 65536");
        try (CudaDevice device = standIn.device();
                WorkloadKernel cold = open(device, convolution(16), Regime.COLD);
                WorkloadKernel hot = open(device, convolution(16), Regime.HOT)) {
            assertThat(hot.operands()).hasSize(1);
            long bytes = 4 * (8 * 4 * 4 + 16 * 8 * 9 + 16 * 4 * 4);
            assertThat(cold.operands()).hasSize((int) Math.ceilDiv(2 * 65536, bytes));
            assertThat(cold.launchesPerReplay() % cold.operands().size()).isZero();
        }
    }
}
