"""The room for listeners elsewhere: an Icecast server, or a stream that this machine serves itself.

ffmpeg encodes and speaks to Icecast. Liquidsoap could do more (chained Ogg with titles, many outputs), but it is a
radio station with a language of its own and some 200 MB of packages; ffmpeg is on most machines already, is one
process that can be killed at any time, and what it cannot do, titles while it streams, Icecast takes over its admin
address.
"""
