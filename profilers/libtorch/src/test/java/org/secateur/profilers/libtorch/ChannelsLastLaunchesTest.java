package org.secateur.profilers.libtorch;

import org.junit.jupiter.api.Tag;
import org.secateur.results.core.Layout;

/** Every launch with channels last. */
@Tag("native")
final class ChannelsLastLaunchesTest extends LaunchesTest {
    @Override
    Layout layout() {
        return Layout.NHWC;
    }
}
