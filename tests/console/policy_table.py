"""Who may come where: written by hand, from the descriptions of the roles, not from the code.

Columns: anonymous, plain (signed in, no role), inspector of A, HR officer of A, administrator of A,
administrator of B. `{}` stands for a person or an application: each line is tried with whom it
names. of_a, of_b: internal to A, to B; shared: of the owner A, kept by the province.
`see`: 303 to the sign-in for people who are not signed in.
"""

from __future__ import annotations

COLUMNS = ("", "plain", "inspector", "hr_officer", "admin_a", "admin_b")

# method, path, person, expected status for each column
TABLE = """
GET   /                       -        303 403 303 303 303 303
GET   /healthz                -        200 200 200 200 200 200
GET   /readyz                 -        200 200 200 200 200 200
GET   /dang-nhap              -        303 303 303 303 303 303
GET   /callback               -        400 303 303 303 303 303
GET   /nguoi-dung             -        303 403 200 200 200 200
POST  /nguoi-dung/xuat        -        401 403 200 200 200 200
GET   /nguoi-dung/xuat?dang=csv  -     303 403 200 200 200 200
GET   /nguoi-dung/{}          a1       303 403 200 200 200 404
GET   /nguoi-dung/{}          u1       303 403 200 200 200 404
GET   /nguoi-dung/{}          b1       303 403 404 404 404 200
GET   /nguoi-dung/{}          missing  303 403 404 404 404 404
GET   /nguoi-dung/{}/sua      a1       303 403 403 200 200 404
GET   /nguoi-dung/{}/sua      u1       303 403 403 200 200 404
GET   /nguoi-dung/{}/sua      b1       303 403 403 404 404 200
GET   /nguoi-dung/{}/sua      missing  303 403 403 404 404 404
GET   /nguoi-dung/{}/sua      self     303 403 403 403 403 403
POST  /nguoi-dung/{}/sua      a1       401 403 403 303 303 404
POST  /nguoi-dung/{}/sua      u1       401 403 403 303 303 404
POST  /nguoi-dung/{}/sua      b1       401 403 403 404 404 303
POST  /nguoi-dung/{}/sua      missing  401 403 403 404 404 404
POST  /nguoi-dung/{}/sua      self     401 403 403 403 403 403
GET   /ung-dung               -        303 403 200 403 200 200
POST  /ung-dung/xuat          -        401 403 200 403 200 200
GET   /ung-dung/xuat?dang=csv -        303 403 200 403 200 200
GET   /ung-dung/{}            of_a     303 403 200 403 200 404
GET   /ung-dung/{}            of_b     303 403 404 403 404 200
GET   /ung-dung/{}            shared   303 403 200 403 200 200
GET   /ung-dung/{}            no_app   303 403 404 403 404 404
GET   /ung-dung/{}/ket-noi    of_a     303 403 200 403 200 404
GET   /ung-dung/{}/ket-noi    of_b     303 403 404 403 404 200
GET   /ung-dung/{}/ket-noi    shared   303 403 200 403 200 404
GET   /ung-dung/{}/ket-noi    no_app   303 403 404 403 404 404
GET   /ung-dung/{}/sua         of_a     303 403 403 403 200 404
GET   /ung-dung/{}/sua         of_b     303 403 403 403 404 200
GET   /ung-dung/{}/sua         shared   303 403 403 403 403 403
GET   /ung-dung/{}/sua         no_app   303 403 403 403 404 404
POST  /ung-dung/{}/sua         of_a     401 403 403 403 303 404
POST  /ung-dung/{}/sua         of_b     401 403 403 403 404 303
POST  /ung-dung/{}/sua         shared   401 403 403 403 403 403
POST  /ung-dung/{}/sua         no_app   401 403 403 403 404 404
GET   /ung-dung/{}/ai-duoc-vao of_a     303 403 403 403 200 404
GET   /ung-dung/{}/ai-duoc-vao of_b     303 403 403 403 404 200
GET   /ung-dung/{}/ai-duoc-vao shared   303 403 403 403 403 403
GET   /ung-dung/{}/ai-duoc-vao no_app   303 403 403 403 404 404
POST  /ung-dung/{}/ai-duoc-vao of_a     401 403 403 403 303 404
POST  /ung-dung/{}/ai-duoc-vao of_b     401 403 403 403 404 303
POST  /ung-dung/{}/ai-duoc-vao shared   401 403 403 403 403 403
POST  /ung-dung/{}/ai-duoc-vao no_app   401 403 403 403 404 404
GET   /ung-dung/{}/dia-chi     of_a     303 403 403 403 200 404
GET   /ung-dung/{}/dia-chi     of_b     303 403 403 403 404 200
GET   /ung-dung/{}/dia-chi     shared   303 403 403 403 403 403
GET   /ung-dung/{}/dia-chi     no_app   303 403 403 403 404 404
POST  /ung-dung/{}/dia-chi     of_a     401 403 403 403 303 404
POST  /ung-dung/{}/dia-chi     of_b     401 403 403 403 404 303
POST  /ung-dung/{}/dia-chi     shared   401 403 403 403 403 403
POST  /ung-dung/{}/dia-chi     no_app   401 403 403 403 404 404
GET   /ung-dung/{}/khoa-bi-mat of_a     303 403 403 403 200 404
GET   /ung-dung/{}/khoa-bi-mat of_b     303 403 403 403 404 200
GET   /ung-dung/{}/khoa-bi-mat shared   303 403 403 403 403 403
GET   /ung-dung/{}/khoa-bi-mat no_app   303 403 403 403 404 404
POST  /ung-dung/{}/khoa-bi-mat of_a     401 403 403 403 303 404
POST  /ung-dung/{}/khoa-bi-mat of_b     401 403 403 403 404 303
POST  /ung-dung/{}/khoa-bi-mat shared   401 403 403 403 403 403
POST  /ung-dung/{}/khoa-bi-mat no_app   401 403 403 403 404 404
GET   /ung-dung/{}/trang-thai  of_a     303 403 403 403 200 404
GET   /ung-dung/{}/trang-thai  of_b     303 403 403 403 404 200
GET   /ung-dung/{}/trang-thai  shared   303 403 403 403 403 403
GET   /ung-dung/{}/trang-thai  no_app   303 403 403 403 404 404
POST  /ung-dung/{}/trang-thai  of_a     401 403 403 403 303 404
POST  /ung-dung/{}/trang-thai  of_b     401 403 403 403 404 303
POST  /ung-dung/{}/trang-thai  shared   401 403 403 403 403 403
POST  /ung-dung/{}/trang-thai  no_app   401 403 403 403 404 404
GET   /ung-dung/{}/de-nghi-mo  of_a     303 403 403 403 200 404
GET   /ung-dung/{}/de-nghi-mo  of_b     303 403 403 403 404 200
GET   /ung-dung/{}/de-nghi-mo  shared   303 403 403 403 403 403
GET   /ung-dung/{}/de-nghi-mo  no_app   303 403 403 403 404 404
POST  /ung-dung/{}/de-nghi-mo  of_a     401 403 403 403 303 404
POST  /ung-dung/{}/de-nghi-mo  of_b     401 403 403 403 404 303
POST  /ung-dung/{}/de-nghi-mo  shared   401 403 403 403 403 403
POST  /ung-dung/{}/de-nghi-mo  no_app   401 403 403 403 404 404
GET   /ung-dung/{}/doi-bieu-tuong of_a     303 403 403 403 200 404
GET   /ung-dung/{}/doi-bieu-tuong of_b     303 403 403 403 404 200
GET   /ung-dung/{}/doi-bieu-tuong shared   303 403 403 403 403 403
GET   /ung-dung/{}/doi-bieu-tuong no_app   303 403 403 403 404 404
POST  /ung-dung/{}/doi-bieu-tuong of_a     401 403 403 403 303 404
POST  /ung-dung/{}/doi-bieu-tuong of_b     401 403 403 403 404 303
POST  /ung-dung/{}/doi-bieu-tuong shared   401 403 403 403 403 403
POST  /ung-dung/{}/doi-bieu-tuong no_app   401 403 403 403 404 404
GET   /ung-dung/{}/bieu-tuong  of_a     303 403 404 403 404 404
GET   /ung-dung/{}/bieu-tuong  of_b     303 403 404 403 404 404
GET   /ung-dung/{}/bieu-tuong  shared   303 403 404 403 404 404
GET   /ung-dung/{}/bieu-tuong  no_app   303 403 404 403 404 404
GET   /ung-dung/dang-ky       -        303 403 403 403 200 200
GET   /ung-dung/dang-ky/web   -        303 403 403 403 200 200
POST  /ung-dung/dang-ky/web   -        401 403 403 403 303 303
GET   /ung-dung/dang-ky/web/dia-chi -  303 403 403 403 303 303
POST  /ung-dung/dang-ky/web/dia-chi -  401 403 403 403 303 303
GET   /nhat-ky                -        303 403 403 403 200 200
POST  /nhat-ky/xuat           -        401 403 403 403 200 200
GET   /nhat-ky/xuat?dang=csv  -        303 403 403 403 200 200
POST  /dang-xuat              -        401 200 200 200 200 200
POST  /backchannel-logout     -        400 400 400 400 400 400
GET   /assets/0/console.css   -        200 200 200 200 200 200
GET   /khong-co-trang-nay     -        404 404 404 404 404 404
"""
