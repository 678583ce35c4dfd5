package org.secateur.models.libtorch;

import org.junit.jupiter.api.Tag;
import org.secateur.results.core.Layout;

/** Repeated runs with channels last. */
@Tag("native")
final class ChannelsLastRepeatabilityTest extends RepeatabilityTest {
    @Override
    Layout layout() {
        return Layout.NHWC;
    }
}
