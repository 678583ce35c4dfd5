package org.secateur.profilers.core;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.secateur.results.core.SecateurException;

class DeviceProviderTest {
    @Test
    void aDeviceWithoutABackendIsAnEnvironmentError() {
        assertThatThrownBy(() -> DeviceProvider.openDevice("abacus:0"))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("abacus:0")
                .hasMessageContaining("no backend");
    }
}
