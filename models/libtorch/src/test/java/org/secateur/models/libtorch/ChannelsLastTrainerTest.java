package org.secateur.models.libtorch;

import org.junit.jupiter.api.Tag;
import org.secateur.results.core.Layout;

/** The trainer with channels last. */
@Tag("native")
final class ChannelsLastTrainerTest extends TorchTrainerTest {
    @Override
    Layout layout() {
        return Layout.NHWC;
    }
}
