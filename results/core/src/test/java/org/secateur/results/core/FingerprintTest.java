package org.secateur.results.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    private static final Fingerprint HERE =
            Fingerprint.of(Map.of("device", "cpu", "threads", "2"), Map.of("jvm", "25"));

    @Test
    void theIdFollowsFromTheIdentityAloneAndNeverChanges() {
        // printf 'device=cpu\nthreads=2' | sha256sum
        assertThat(HERE.id()).isEqualTo("eadaf86dee677499");
        assertThat(Fingerprint.of(Map.of("threads", "2", "device", "cpu"), Map.of())
                        .id())
                .isEqualTo(HERE.id());
        assertThat(Fingerprint.of(Map.of("device", "cpu", "threads", "4"), Map.of("jvm", "25"))
                        .id())
                .isNotEqualTo(HERE.id());
    }

    @Test
    void differencesNameFieldAndBothValuesAndIgnoreContext() {
        Fingerprint there = Fingerprint.of(Map.of("device", "cpu", "threads", "4", "driver", "1"), Map.of("jvm", "21"));

        assertThat(HERE.differences(there)).isEqualTo(Map.of("threads", "2 / 4", "driver", "absent / 1"));
        assertThat(there.differences(HERE)).isEqualTo(Map.of("threads", "4 / 2", "driver", "1 / absent"));
        assertThat(HERE.differences(Fingerprint.of(HERE.identity(), Map.of()))).isEmpty();
    }
}
